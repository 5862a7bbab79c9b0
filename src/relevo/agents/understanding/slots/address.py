"""Finds a street address; Colombian ones are normalised to the official order (`Carrera 15 # 93-60, apto 301`).

Source of the forms: the nomenclature of Colombian streets (via, number, crossing, plate) and what people abbreviate.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from relevo.agents.understanding.slots.base import Match, Outcome, Problem, SlotContext, level
from relevo.agents.understanding.slots.person import is_first_name
from relevo.agents.understanding.slots.places import is_city, known_city

if TYPE_CHECKING:
    from relevo.agents.playbook.slots import AddressSlot

_LONGEST_DETAIL = 60
_OVER = re.compile(
    r"\b(?:pag[oaueé]\w*|contra\s?entrega|efectivo|cel(?:ular)?|tel(?:efono)?|whatsapp|"
    r"mi (?:nombre|numero|cel\w*|tel\w*|correo)|a nombre|nombre|soy|me llamo|recibe|correo|"
    r"ciudad(?!\s(?:jardin|kennedy|bolivar|montes|salitre|berna|verde|country|universitaria|santa|del))|municipio|"
    r"departamento|quiero|quisiera|necesito|"
    r"por favor|porfa|gracias|para (?:el|la|hoy|manana|pagar)|"
    r"y (?:quiero|pago|mi|el|la|que|cuanto|a nombre)|"
    r"my|name|phone|cash|card|please|thanks|pay|meu|nome|telefone|cidade|pagamento|obrigad[oa])\b"
)
"""Where an address written without commas is over, and other data begin."""
_VIAS = {
    "Calle": "calle cll cl clle cale call cle",
    "Carrera": "carrera cra kra kr cr crr carera carr krr cara",
    "Avenida": "avenida av avda ave",
    "Avenida Calle": "ac",
    "Avenida Carrera": "ak",
    "Diagonal": "diagonal diag dg diag dgl",
    "Transversal": "transversal trans transv tv tr trv tranv transvesal",
    "Circular": "circular circ cir",
    "Autopista": "autopista aut autop",
}
_NAMES = {short: full for full, shorts in _VIAS.items() for short in shorts.split()}
_NUMBER = r"\d{1,3}(?:\s?[a-h]{1,2}\b|[a-h]\d?)?(?:\s?bis(?:\s?[a-h])?\b)?(?:\s?(?:sur|norte|este|oeste)\b)?"
_MARK = (
    r"(?:\s{0,3}(?:#|numeral|numero|num\.?|nro\.?|no\.?|n[°º.]|n\b|con|nº|n°)\s{0,3}|"
    r"\s{1,3}|\s{0,2}-\s{0,2})"
)
_STREET = re.compile(
    rf"\b(?P<via>{'|'.join(sorted(_NAMES, key=len, reverse=True))})\b\.?\s{{0,3}}(?:#|"
    rf"no\.?)?\s{{0,2}}(?P<main>{_NUMBER})"
    rf"(?:{_MARK}(?P<cross>{_NUMBER})(?:(?:\s{{0,3}}[-–]\s{{0,3}}|"
    rf"\s{{1,3}})(?P<plate>\d{{1,3}})\b(?P<side>\s(?:sur|norte|este|oeste)\b)?)?)?"
)
_NAMED_AVENUE = re.compile(
    rf"\b(?:avenida|av|avda|ave)\b\.?\s(?P<name>[a-z]+(?:\s[a-z]+){{0,3}}?)\s{{0,2}}(?:#|"
    rf"no\.?|numero|"
    rf"con)?\s{{0,2}}(?P<cross>{_NUMBER})(?:\s{{0,2}}[-–]?\s{{0,2}}(?P<plate>\d{{1,3}})\b)?"
)
_RURAL = re.compile(
    r"\b(?:vereda|vda|corregimiento|finca|manzana|mz|mza|km|kilometro|lote|parcela|"
    r"hacienda|conjunto|urbanizacion|edificio|unidad residencial|etapa|sector|barrio|"
    r"bloque|torre)\b\.?\s{0,2}[\w#][^\n]{1,120}"
)
_DETAIL = re.compile(
    r"^\W*(?:apto|apartamento|ap|apt|apartament[oa]|torre|tr|casa|cs|interior|int|bloque|"
    r"blq|bl|barrio|b/|br|bairro|conjunto|conj|edificio|ed|edif|piso|oficina|ofi|of|local|"
    r"urbanizacion|urb|manzana|mz|etapa|unidad|porteria|esquina|al lado|frente|cerca|"
    r"diagonal a|por el|sector|lote|localidad|segundo piso|primer piso|tercer piso)\b",
)
_BARRIO = re.compile(
    r"\b(?:barrio|b/|bairro|br\.|neighbou?rhood|sector|urbanizacion|"
    r"urb)\s{0,2}[:.]?\s{0,2}(?P<name>[a-z0-9][a-z0-9 .'-]{1,40})"
)
_FOREIGN = re.compile(
    r"(?:\d{1,6}\s[a-z .']{3,60}\b(?:st|street|ave|avenue|rd|road|blvd|lane|ln|dr|drive|"
    r"way|court|ct)\b[^\n]{0,60})|(?:\b(?:rua|r\.|av\.?|avenida|travessa|alameda|estrada|"
    r"calle|c/|jr\.?|jiron|pasaje|calz\.?|calzada|blvd\.?|priv\.?|"
    r"col\.)\s[^\n]{2,60}?\d{1,6}[^\n]{0,60})"
)


def find(spec: AddressSlot, text: str, context: SlotContext) -> Outcome:
    """Return the address, or which part it lacks (`via`, `numero`, `barrio`) when it was asked for."""
    flat = level(text)
    country = spec.country or context.country
    return _colombian(spec, text, flat, context) if country == "CO" else _elsewhere(text, flat, context)


def barrio(text: str, *, asked: bool) -> Match | None:
    """Return a neighbourhood: what follows the word, or the whole answer when it was asked for."""
    flat = level(text)
    named = _BARRIO.search(flat)
    if named:
        end = named.start("name") + len(named["name"].split(",")[0].rstrip(" .-"))
        return Match(_titled(text[named.start("name") : end]), named.start(), end)
    words = text.strip(" \n\t.,")
    if asked and 2 <= len(words) <= 60 and "?" not in words and re.search(r"[a-z]", flat):  # noqa: PLR2004
        start = text.index(words)
        return Match(_titled(words), start, start + len(words))
    return None


def _colombian(spec: AddressSlot, text: str, flat: str, context: SlotContext) -> Outcome:
    street = _STREET.search(flat)
    named = None if street and street["cross"] else _NAMED_AVENUE.search(flat)
    rural = _RURAL.search(flat) if street is None and named is None else None
    if named is not None:
        plate = f"-{named['plate']}" if named["plate"] else ""
        head = f"Avenida {_titled(text[named.start('name') : named.end('name')])} # {_number(named['cross'])}{plate}"
        start, end, has_number = named.start(), named.end(), True
    elif street is not None:
        head, has_number = _official(street), bool(street["cross"])
        start, end = street.start(), street.end()
    elif rural is not None and (context.asked or re.search(r"\d", rural.group())):
        start, end = rural.start(), _segment_end(flat, rural.start())
        head, has_number = text[start:end].strip(), bool(re.search(r"\d", rural.group())) or "finca" in flat
        if not context.asked and not re.match(r"(?:vereda|manzana|mz|km|finca)", rural.group()):
            return None
    else:
        return Problem("via") if context.asked and re.search(r"\d", flat) else None
    tail_end = _details_end(_cut(flat, end, context), end, generous=context.asked)
    details = re.sub(r"\s+", " ", text[end:tail_end]).strip(" ,.-\n")
    missing = [
        part
        for part in spec.needs
        if (part == "numero" and not has_number) or (part == "barrio" and not _has_barrio(details, head))
    ]
    if missing:
        return Problem(missing[0]) if context.asked else None
    return Match(f"{head}, {details}" if details else head, start, tail_end)


def _official(street: re.Match[str]) -> str:
    head = f"{_NAMES[street['via']]} {_number(street['main'])}"
    if street["cross"]:
        head += f" # {_number(street['cross'])}"
    if street["plate"]:
        head += f"-{street['plate']}" + (street["side"].title() if street["side"] else "")
    return head


def _number(written: str) -> str:
    """`15b bis sur` as `15B Bis Sur`."""
    parts = re.findall(r"\d+|bis|sur|norte|este|oeste|[a-h]+", written)
    out = ""
    for part in parts:
        out += part if part.isdigit() else (part.upper() if len(part) <= 2 else " " + part.title())  # noqa: PLR2004
    return out


def _segment_end(flat: str, start: int) -> int:
    stop = re.search(r"[\n;]", flat[start:])
    return start + stop.start() if stop else len(flat.rstrip(" .,\n"))


def _details_end(flat: str, end: int, *, generous: bool) -> int:
    """How far the apartment, tower and neighbourhood after the plate reach; when asked, all that may belong."""
    reach = end
    for piece in re.finditer(r"[^,\n;]+|\n", flat[end:]):
        words = piece.group()
        if words == "\n":
            if not generous:
                break
            continue
        first = piece.start() == 0 or reach == end
        belongs = _DETAIL.match(words) or (generous and _may_belong(words)) or (piece.start() == 0 and _beside(words))
        if not belongs and not (first and re.match(r"^\s*(?:apto?|casa|torre|int)?\s*\d{1,4}\s*$", words)):
            break
        reach = end + piece.end()
    return reach


def _cut(flat: str, end: int, context: SlotContext) -> str:
    """Blank what comes after the address: other data, the city, an option of the shop's."""
    after = flat[end:]
    barrio_named = _BARRIO.match(after.lstrip(" ,.-"))
    stops = [hit.start() for hit in [_OVER.search(after)] if hit]
    city = known_city(after)
    named = city is not None and barrio_named is not None and re.search(r"\bbarrio\s*$", after[: city.start])
    if city is not None and not named:
        stops.append(city.start)
    stops += [
        hit.start()
        for name in context.stops
        if (hit := re.search(r"(?<!\w)(?:en |con |por )?" + re.escape(name) + r"(?!\w)", after))
    ]
    return flat if not stops else flat[: end + min(stops)]


def _beside(words: str) -> bool:
    """Tell whether what follows the plate without a comma is a neighbourhood: a few bare words."""
    return bool(re.fullmatch(r"\s+[a-z]{3,}(?:\s[a-z]{2,}){0,2}\s*", words)) and _may_belong(words)


def _may_belong(words: str) -> bool:
    """Whether a stretch after the plate may name a neighbourhood: no question, no well-known city, no person."""
    if "?" in words or len(words) > _LONGEST_DETAIL or is_city(words):
        return False
    names = re.findall(r"[a-z]+", words)
    return not (2 <= len(names) <= 4 and is_first_name(names[0]))  # noqa: PLR2004


def _has_barrio(details: str, head: str) -> bool:
    rest = re.sub(
        r"\b(?:apto|apartamento|ap|torre|casa|interior|int|bloque|piso|oficina|local)\b\.?\s*\w{1,6}",
        " ",
        level(details),
    )
    return bool(re.search(r"[a-z]{3,}", rest)) or bool(re.search(r"barrio|vereda|conjunto|urbanizacion", level(head)))


def _elsewhere(text: str, flat: str, context: SlotContext) -> Outcome:
    found = _FOREIGN.search(flat)
    if found:
        return Match(text[found.start() : found.end()].strip(" ,."), found.start(), found.end())
    if not context.asked or "?" in text:
        return None
    words = text.strip(" \n.,")
    if re.search(r"\d", flat) and len(re.findall(r"[a-z]{2,}", flat)) >= 2:  # noqa: PLR2004
        start = text.index(words)
        return Match(re.sub(r"\s+", " ", words), start, start + len(words))
    return Problem("numero") if len(re.findall(r"[a-z]{3,}", flat)) >= 2 else None  # noqa: PLR2004


def _titled(words: str) -> str:
    clean = re.sub(r"\s+", " ", words).strip()
    return clean.title() if clean == clean.lower() else clean
