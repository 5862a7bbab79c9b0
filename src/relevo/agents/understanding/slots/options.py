"""Reads a choice among a few options: by name or likeness, by number or place ("la primera"). It knows no catalogue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from relevo.agents.playbook.values import all_variants
from relevo.agents.understanding.fold import sound
from relevo.agents.understanding.slots.amounts import amounts
from relevo.agents.understanding.slots.base import Match, Outcome, Problem, SlotContext, level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relevo.agents.playbook.slots import ChoiceSlot

_ORDINALS = (
    r"\b(?:primer[oa]?|primeir[oa]|first|1r[oa]|1[ªº°])\b",
    r"\b(?:segund[oa]|second|2d[oa]|2[ªº°])\b",
    r"\b(?:tercer[oa]?|terceir[oa]|third|3r[oa]|3[ªº°])\b",
    r"\b(?:cuart[oa]|quart[oa]|fourth|4t[oa]|4[ªº°])\b",
    r"\b(?:quint[oa]|fifth|5t[oa]|5[ªº°])\b",
)
_LAST = re.compile(r"\b(?:ultim[oa]|last)\b")
_SAME = {
    "contraentrega": (
        *("contra entrega", "contrareembolso", "contra reembolso", "al recibir", "cuando llegue", "cuando me llegue"),
        *("pago en casa", "na entrega", "cash on delivery", "cod"),
    ),
    "transferencia": ("transferir", "transfiero", "consignacion", "consigno", "bank transfer", "transfer"),
    "tarjeta": ("tarjeta de credito", "tarjeta debito", "con tarjeta", "cartao", "card", "credit card"),
    "efectivo": ("en efectivo", "cash", "dinheiro"),
}
"""Common ways to say common options, so that not every shop must list them."""
_PREPOSITION = re.compile(r"^(?:en|con|por|de|em|com|in|with|by)\s")
_ENDS = re.compile(
    r"\s{0,2}(?:$|[.,;!\n)]|(?:por favor|porfa|please|gracias|para|y|e|and|entonces|mejor|esta bien|con|"
    r"las (?:dos|tres|cuatro)|los (?:dos|tres|cuatro)|tod[oa]s?|amb[oa]s|pues|ya|then)\b)"
)
"""What may follow an option named unasked: "media, por favor" but not "media hora"."""
_HOW_MANY = re.compile(
    r"\b(?:quiero|kiero|mejor|dame|deme|llevo|envia\w*|manda\w*|quero|levo|want|take|send me)\s"
    r"(?:solo\s)?(?:\d|un[oa]?\b|dos|tres|cuatro)"
)
"""A number after such a verb says how many, not which."""
_FUZZY = 86
_SHORTEST_FUZZY = 5
_SHORTEST_UNASKED = 4


def names_of(spec: ChoiceSlot) -> dict[str, tuple[str, ...]]:
    """Every way to say each option, levelled, by option id."""
    out: dict[str, tuple[str, ...]] = {}
    for option in spec.options:
        titles = all_variants(option.title) if option.title is not None else ()
        said = [level(name.replace("_", " ")) for name in (option.id, *titles, *option.also)]
        said += [bare for name in list(said) if (bare := _PREPOSITION.sub("", name)) != name]
        said += [other for name in list(said) for other in _SAME.get(name.replace(" ", ""), ())]
        out[option.id] = tuple(dict.fromkeys(said))
    return out


def find(spec: ChoiceSlot, text: str, context: SlotContext) -> Outcome:
    """Return the option's id; `option` when it was asked for and a short answer names none."""
    flat = level(text)
    names = names_of(spec)
    found = by_name(flat, names)
    if context.asked and found is not None:
        return found
    if not context.asked:
        long = found is not None and found.end - found.start >= _SHORTEST_UNASKED
        several = found is not None and " " in flat[found.start : found.end]
        ends = found is not None and (several or _ENDS.match(flat, found.end))
        return found if long and ends and "?" not in flat else None
    place = None if _HOW_MANY.search(flat) else by_place(flat, list(names))
    return place or by_likeness(flat, names) or _nothing(flat)


def by_name(flat: str, names: Mapping[str, tuple[str, ...]]) -> Match | None:
    """Return the one option named; None when none or several are."""
    hits: list[tuple[int, int, str]] = []
    for option, said in names.items():
        for name in said:
            words = r"\W{0,2}".join(map(re.escape, name.split()))
            # Whole words; a plural "s" more or less does not matter, and "contraentrega" is also "contra entrega".
            hit = re.search(rf"(?<![a-z0-9]){words}(?:s|es)?(?![a-z0-9])", flat)
            if hit:
                hits.append((hit.start(), hit.end(), option))
    longest = [
        hit
        for hit in hits
        if not any(o[0] <= hit[0] and hit[1] <= o[1] and o[1] - o[0] > hit[1] - hit[0] for o in hits)
    ]
    if len({hit[2] for hit in longest}) != 1 or _denied(flat, longest[0][0]):
        return None
    start, end, option = max(longest, key=lambda hit: hit[1] - hit[0])
    return Match(option, start, end)


def by_place(flat: str, ids: list[str]) -> Match | None:
    """By ordinal, or by a bare number that is a place in the list."""
    for place, pattern in enumerate(_ORDINALS[: len(ids)]):
        hit = re.search(pattern, flat)
        if hit:
            return Match(ids[place], hit.start(), hit.end())
    hit = _LAST.search(flat)
    if hit:
        return Match(ids[-1], hit.start(), hit.end())
    numbers = [amount for amount in amounts(flat) if not amount.money]
    words = re.findall(r"[a-z0-9]+", flat)
    if len(numbers) == 1 and 1 <= numbers[0].value <= len(ids) and len(words) <= 4:  # noqa: PLR2004  # "la opción 2 porfa"
        return Match(ids[numbers[0].value - 1], numbers[0].start, numbers[0].end)
    return None


def by_likeness(flat: str, names: Mapping[str, tuple[str, ...]]) -> Match | None:
    """Return the option a short answer most likely misspells."""
    heard = " ".join(sound(word) for word in re.findall(r"[a-z]+", flat))
    if not _SHORTEST_FUZZY - 1 <= len(heard) <= 40:  # noqa: PLR2004
        return None
    scored = sorted(
        (
            (max(_alike(heard, " ".join(sound(word) for word in name.split())) for name in said), option)
            for option, said in names.items()
        ),
        reverse=True,
    )
    if scored and scored[0][0] >= _FUZZY and (len(scored) == 1 or scored[0][0] - scored[1][0] > 3):  # noqa: PLR2004
        return Match(scored[0][1], 0, len(flat))
    return None


def _alike(heard: str, name: str) -> float:
    if len(name) < _SHORTEST_FUZZY - 1:
        return 0.0
    return max(fuzz.ratio(heard, name), fuzz.ratio(heard.replace(" ", ""), name.replace(" ", "")),
               fuzz.partial_ratio(heard, name) - 4 if len(heard) > len(name) else 0.0)  # fmt: skip


def _denied(flat: str, start: int) -> bool:
    return bool(
        re.search(
            r"\b(?:no|sin|menos|nao|not|sem|without|don'?t)\s"
            r"(?:me\s)?(?:quiero\s|tengo\s|uso\s|manejo\s|sirve\s|puedo\s|tenho\s|have\s)?(?:la\s|el\s|con\s|por\s)?$",
            flat[:start],
        )
    )


def _nothing(flat: str) -> Problem | None:
    return Problem("option") if len(flat.split()) <= 2 and not re.search(r"[?]", flat) else None  # noqa: PLR2004
