"""Reads which offer of the catalogue the customer takes: by its name, by quantity, by place.

A question about an offer ("¿cuánto valen 2?") is never a choice of it, and prices, hours and ages are never quantities.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from relevo.agents.playbook.values import all_variants
from relevo.agents.understanding.slots.amounts import Amount, amounts
from relevo.agents.understanding.slots.base import Match, Outcome, Problem, SlotContext, level
from relevo.agents.understanding.slots.options import by_likeness, by_name, by_place

if TYPE_CHECKING:
    from relevo.agents.playbook.model import CatalogItem
    from relevo.agents.playbook.slots import OfferSlot

_PRICE_TALK = re.compile(
    r"\b(?:cuant[oa]s?|kuanto|precios?|valor|vale[n]?|cuesta[n]?|costo|costos|cuestan|"
    r"sale[n]?|a como|quanto|custa[m]?|preco|how much|cost[s]?|price[s]?|rebaja[sn]?|"
    r"descuento[s]?|desconto|discount|cobra[n]?|promocion(?:es)?)\b"
)
_QUESTION = re.compile(
    r"\?|^\W*(?:que|cual|como|cuando|donde|tienen|hay|puedo|puede[n]?|hacen|do you|can i|"
    r"is|are|what|which|when|qual|tem)\b"
)
_HYPOTHETICAL = re.compile(
    r"(?:^\W*(?:y|e|and|pero)\s|\b(?:que tal|cuanto|como)\s.{0,20})si\s(?:[mt]e\s|les\s)?(?:llevo|compro|pido)\b"
    r"|\b(?:e )?se (?:eu )?(?:levar|comprar|pegar)\b|\b(?:what )?if i (?:take|buy|order|get)\b"
)
"""Thinking aloud about a quantity is asking what it costs."""
_TAKING = re.compile(
    r"\b(?:quiero|kiero|quisiera|deme|dame|me das|llevo|llevare|llevar|mandame|mandeme|"
    r"manda|mande|enviame|envieme|envia|envie|pido|pedir|comprar|compro|necesito|regalame|"
    r"regaleme|apartame|agregame|ponme|pongame|serian|seria|son|van|mejor|que sean|"
    r"quero|vou querer|vou levar|levo|manda|preciso|i want|i'll take|i will take|i'd like|"
    r"give me|send me|i need|order|get me|make it|want)\b"
)
_UNITS = re.compile(
    r"\s{0,2}(?:x\s)?(?:unidad(?:es)?|und|uds?|frascos?|cajas?|paquetes?|bolsas?|potes?|"
    r"kits?|combos?|promos?|pares|tarros?|botellas?|sobres?|libras?|units?|boxes|box|"
    r"bottles?|bags?|packs?|pieces|caixas?|unidades?|sacos?|pacotes?|frasquitos?|cajitas?|"
    r"bolsitas?|de esos|de esas|de cada)\b"
)
_ENDS = re.compile(
    r"\s{0,2}(?:$|[.,;!\n)]|por favor|porfa|please|gracias|x favor|y\b|para\b|con\b|"
    r"entonces|mejor|nomas|no mas|esta bien|nada mas|pues\b|ya\b|hoy\b|no mas\b|then\b|entao\b)"
)
_CHEAPEST = re.compile(r"\b(?:mas barat[oa]|mas economic[oa]|mas barat[oa]|cheapest|mais barat[oa])\b")
_TAGGED = re.compile(
    r"\b(?:mas vendid[oa]|mas pedid[oa]|recomendad[oa]|most popular|best seller|"
    r"mais vendid[oa])\b"
)
_CLOCK = re.compile(
    r"\b(?:a las?|desde las|hasta las|as|at|calle|carrera|cra|cll|apto|apartamento|torre|"
    r"casa|piso|barrio)\s?(?:#\s?)?$"
)
_OF = re.compile(
    r"\b(?:el|la|los|las|o|a|the|promo|combo|pack|opcion|oferta|kit|paquete)\s(?:de\s|"
    r"of\s|x\s|por\s)?$"
)


_ONE_OF = re.compile(
    r"^\W*(?:(?:no|mejor|espera|listo|ok|entonces|si|bueno)\W+){0,3}(?:el|la|los|las|o|a|the)\s(?:de\s)?\w+"
)
"""A clause that begins with "el de …", whatever was asked."""
_ORDERED = re.compile(
    r"\b(?:quiero|kiero|quisiera|dame|deme|me das|llevo|mandame|mandeme|enviame|envieme|pedir|compro|comprar|necesito|"
    r"regalame|ponme|apartame|quero|levo|manda|preciso|want|take|like|order|send me|give me)"
    r"(?:\s(?:pedir|comprar|llevar|las|los|unas|unos|solo|como|por ahora|of|just|only)){0,2}\s$"
)
"""What stands right before a number that can only be how many."""
_OTHER_COUNTS = re.compile(
    r"\s{0,2}(?:x\s|meses|mes\b|dias?\b|semanas?|horas?|minutos?|anos?\b|personas?|veces|cuotas?|mil\b|pesos|preguntas?|"
    r"cosas?|dudas?|opciones|months?|days?|weeks?|hours?|years?|people|times|questions?|things?|perguntas?|pessoas|"
    r"asesor\w*|fotos?|videos?|muestras?|info\w*|favor\w*|[%$:/])"
)


def find(spec: OfferSlot, text: str, context: SlotContext) -> Outcome:
    """Return the item's id; `not_offered` when a quantity was answered that no item has."""
    flat = level(text)
    items = [item for item in context.items if not spec.items or item.id in spec.items]
    if not items or _PRICE_TALK.search(flat) or _HYPOTHETICAL.search(flat):
        return None
    asking = bool(_QUESTION.search(flat))
    taking = bool(_TAKING.search(flat))
    if asking and not (taking and context.asked):
        return None
    if not (context.asked or taking or _UNITS.search(flat) or _ONE_OF.search(flat)):
        return None
    named = by_name(flat, {item.id: _names(item) for item in items})
    if named is not None and (context.asked or taking or amounts(flat)):
        return named
    return _by_quantity(flat, items, context, taking=taking) or (_otherwise(flat, items) if context.asked else None)


def _names(item: CatalogItem) -> tuple[str, ...]:
    return tuple(level(name) for name in (*all_variants(item.name), *item.also, item.id))


def _by_quantity(flat: str, items: list[CatalogItem], context: SlotContext, *, taking: bool) -> Outcome:
    sizes = {item.qty for item in items}
    if len(sizes) < len(items):
        return None
    wanted: list[tuple[Amount, CatalogItem | None]] = []
    for amount in amounts(flat):
        if amount.money or not _counts(flat, amount, context, items, taking=taking):
            continue
        wanted.append((amount, next((item for item in items if item.qty == amount.value), None)))
    sure = [pair for pair in wanted if not pair[0].article] or wanted
    if not sure:
        return None
    amount, item = sure[-1]
    if len({pair[0].value for pair in sure}) > 1:
        return Problem("not_offered") if taking else None
    if item is None:
        return Problem("not_offered") if context.asked or taking else None
    return Match(item.id, amount.start, amount.end)


def _counts(  # noqa: PLR0911 # one way for each thing a number can be
    flat: str, amount: Amount, context: SlotContext, items: list[CatalogItem], *, taking: bool
) -> bool:
    """Whether a number says how many: before a unit, after "el de", or bare where a quantity is expected."""
    after = flat[amount.end :]
    if _UNITS.match(after) or _named_unit(after, items):
        return True
    if _CLOCK.search(flat[: amount.start]):
        return False
    if amount.value > 1000:  # noqa: PLR2004  # nobody orders thousands by chat; this is money or a date
        return False
    if (
        re.search(r"(?:#|\bno\.?|\bnumero|\blas|\ba las|\bel|\bdia|\bde)\s?$", flat[: amount.start])
        and not context.asked
    ):
        return (
            bool(_OF.search(flat[: amount.start]))
            and bool(_ENDS.match(after))
            and (taking or bool(_ONE_OF.search(flat)))
        )
    if _OF.search(flat[: amount.start]) and (_ENDS.match(after) or context.asked):
        return True
    if context.asked and not amount.article and not re.search(r"[a-z]{4}", flat[: amount.start]):
        return not _OTHER_COUNTS.match(after)
    if not amount.article and _ORDERED.search(flat[: amount.start]) and not _OTHER_COUNTS.match(after):
        return True
    return bool(_ENDS.match(after)) and (context.asked or taking)


def _named_unit(after: str, items: list[CatalogItem]) -> bool:
    """Whether what follows is what the catalogue counts in: the words of item names."""
    word = re.match(r"\s{0,2}([a-z]{3,})", after)
    if word is None:
        return False
    stem = word.group(1).rstrip("s")
    return any(
        stem == part.rstrip("s") for item in items for name in _names(item) for part in re.findall(r"[a-z]{3,}", name)
    )


def _otherwise(flat: str, items: list[CatalogItem]) -> Outcome:
    cheap = _CHEAPEST.search(flat)
    if cheap:
        return Match(min(items, key=lambda item: item.price).id, cheap.start(), cheap.end())
    tagged = [item for item in items if item.tag is not None]
    hit = _TAGGED.search(flat)
    if hit and len(tagged) == 1:
        return Match(tagged[0].id, hit.start(), hit.end())
    ids = [item.id for item in items]
    ordinal = re.search(r"primer|segund|tercer|cuart|ultim|first|second|third|last|opcion|option", flat)
    placed = by_place(flat, ids) if ordinal or len({item.qty for item in items}) < len(items) else None
    return placed or by_likeness(flat, {item.id: _names(item) for item in items})


def asks_price(text: str) -> bool:
    """Whether a text speaks of what something costs."""
    return bool(_PRICE_TALK.search(level(text)))
