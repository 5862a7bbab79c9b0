"""Finds cities and departments from the bundled list of Colombian municipalities, nicknames and misspellings included.

A place counts unasked only where it stands as a piece of data ("…, Medellín", "vivo en Cali"); many municipalities are
also surnames or common words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, cast

from rapidfuzz import fuzz, process

from relevo.agents.understanding.fold import sound
from relevo.agents.understanding.slots.base import Match, Outcome, Problem, SlotContext, level

if TYPE_CHECKING:
    from relevo.agents.playbook.slots import CitySlot, RegionSlot

_WORD = re.compile(r"[a-z']+")
_MOST_WORDS = 5
_LEAD = re.compile(
    r"^\W*(?:(?:hola|si|ok|claro|bueno|bien|ah|es|y|pues|gracias|buenas)\b\W*){0,3}"
    r"(?:(?:yo|estoy|vivo|soy|somos|moro|sou|queda|quedo|seria|enviar|envienlo|envien|"
    r"mandar|es|live|i'm|i am|i live|the city is|ciudad|municipio|cidade|city|town|pueblo|"
    r"barrio)\b\W*){0,4}"
    r"(?:(?:en|de|em|para|a|in|from|hasta|desde|la ciudad de|el municipio de|ciudad de|"
    r"municipio de|es|cerca de|por)\b\W*){0,3}"
)
_TAIL = re.compile(r"^\W*(?:\b(?:colombia|por favor|porfa|gracias|please|obrigad[oa])\b\W*){0,3}$")


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality."""

    name: str
    region: str
    known: bool
    """Its bare name means the place."""


@cache
def _gazetteer() -> tuple[dict[str, tuple[Place, ...]], dict[str, str], list[str]]:
    """Places by levelled name, regions by levelled name, and the names to match misspellings against."""
    names: dict[str, list[Place]] = {}
    regions: dict[str, str] = {"bogota": "Bogotá, D.C.", "bogota dc": "Bogotá, D.C.",
                               "distrito capital": "Bogotá, D.C.", "valle": "Valle del Cauca",
                               "guajira": "La Guajira", "n de santander": "Norte de Santander",
                               "san andres islas": "San Andrés y Providencia"}  # fmt: skip
    text = (files("relevo.agents.understanding") / "data" / "co_municipios.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("#") or not line:
            continue
        region, _, places = line.partition(": ")
        regions[_key(region)] = region
        for entry in places.split("; "):
            written, _, also = entry.partition(" = ")
            place = Place(written.rstrip("*"), region, written.endswith("*"))
            for name in [place.name, *filter(None, also.split(", "))]:
                names.setdefault(_key(name), []).append(place)
    return {name: tuple(dict.fromkeys(found)) for name, found in names.items()}, regions, sorted(names)


def region_of(city: str) -> str | None:
    """Return the department of a municipality, where only one has that name or one is far better known."""
    found = _gazetteer()[0].get(_key(city), ())
    best = [place for place in found if place.known] or list(found)
    return best[0].region if len({place.region for place in best}) == 1 else None


def find_city(spec: CitySlot, text: str, context: SlotContext) -> Outcome:
    """Return the official name of the city meant; `unknown` when one was asked for and the text names none."""
    flat = level(text)
    if not context.asked:
        found = _standing_alone(flat)
        return found if found and (found.start > 0 or _is_known(found) or _region_in(flat, 0)) else None
    exact = _standing_alone(flat) or _mentioned(flat)
    if exact is not None:
        return exact
    return _alike(flat, spec.fuzzy)


def is_city(clause: str) -> bool:
    """Whether a levelled clause is nothing but a well-known city."""
    found = _standing_alone(clause)
    return found is not None and _is_known(found)


def known_city(flat: str) -> Match | None:
    """Return the first well-known city a levelled text names as words of their own, department included."""
    names = _gazetteer()[0]
    found = [hit for hit in _phrases(flat) if hit[2] in names and any(place.known for place in names[hit[2]])]
    if not found:
        return None
    first = min(found, key=lambda hit: (hit[0], hit[0] - hit[1]))
    return Match(_choose(names[first[2]], _region_in(flat, first[1])).name, first[0], first[1])


def find_region(spec: RegionSlot, text: str, context: SlotContext) -> Outcome:
    """Return the official name of the department; only whole clauses or what was asked for."""
    flat = level(text)
    regions = _gazetteer()[1]
    start, end = _core(flat)
    core = _key(flat[start:end])
    if core in regions and (context.asked or len(core) > 4):  # noqa: PLR2004
        return Match(regions[core], start, end)
    if not context.asked:
        return None
    for first, last, name in _phrases(flat):
        if name in regions:
            return Match(regions[name], first, last)
    close = process.extractOne(
        _heard(core), {name: _heard(name) for name in regions}, scorer=fuzz.ratio, score_cutoff=spec.fuzzy
    )
    if close is not None and core:
        return Match(regions[str(close[2])], start, end)
    return Problem("unknown") if core and len(core.split()) <= 3 else None  # noqa: PLR2004


def _standing_alone(flat: str) -> Match | None:
    """Return a place that is all a clause says, with or without its department."""
    names, regions, _ = _gazetteer()
    start, end = _core(flat)
    words = list(_WORD.finditer(flat, start, end))
    if not 0 < len(words) <= 2 * _MOST_WORDS:
        return None
    for size in range(min(_MOST_WORDS, len(words)), 0, -1):
        name = _key(flat[words[0].start() : words[size - 1].end()])
        if name not in names:
            continue
        rest = flat[words[size - 1].end() : end]
        region = regions.get(_key(re.sub(r"\b(?:departamento|depto|dpto|de|del|en)\b", " ", rest)))
        if _TAIL.match(rest) or region:
            place = _choose(names[name], region)
            return Match(place.name, words[0].start(), end if region else words[size - 1].end())
    return None


def _mentioned(flat: str) -> Match | None:
    """Return the longest place named anywhere, well-known ones first; for when a city was asked for."""
    names = _gazetteer()[0]
    found = [(first, last, name) for first, last, name in _phrases(flat) if name in names]
    if not found:
        return None
    known = [entry for entry in found if any(place.known for place in names[entry[2]])]
    first, last, name = max(known or found, key=lambda entry: entry[1] - entry[0])
    return Match(_choose(names[name], _region_in(flat, last)).name, first, last)


def _alike(flat: str, cutoff: int) -> Outcome:
    names, _, keys = _gazetteer()
    start, end = _core(flat)
    core = _key(flat[start:end])
    if not core or len(core.split()) > _MOST_WORDS or any(letter.isdigit() for letter in flat[start:end]):
        return None
    heard = {name: _heard(name) for name in keys}
    close = process.extract(_heard(core), heard, scorer=fuzz.ratio, score_cutoff=cutoff, limit=5)
    if not close:
        return Problem("unknown") if len(core.split()) <= 3 else None  # noqa: PLR2004
    best = max(close, key=lambda found: (round(found[1]), any(place.known for place in names[str(found[2])])))
    return Match(_choose(names[str(best[2])], None).name, start, end)


def _is_known(found: Match) -> bool:
    return any(place.known for place in _gazetteer()[0].get(_key(found.value), ()))


def _choose(places: tuple[Place, ...], region: str | None) -> Place:
    return next(
        (place for place in places if place.region == region),
        next((place for place in places if place.known), places[0]),
    )


def _region_in(flat: str, after: int) -> str | None:
    regions = _gazetteer()[1]
    return next((regions[name] for _, _, name in _phrases(flat[after:]) if name in regions), None)


def _core(flat: str) -> tuple[int, int]:
    """Return the clause without what leads up to a place ("vivo en …") and without its punctuation."""
    lead = _LEAD.match(flat)
    start = lead.end() if lead else 0
    if start >= len(flat.rstrip()):
        start = 0
    stripped = flat[start:].rstrip(" \t\n.,;!?")
    begin = start + len(stripped) - len(stripped.lstrip(" \t\n.,;!?¡¿:"))
    return begin, start + len(stripped)


def _phrases(flat: str) -> list[tuple[int, int, str]]:
    words = list(_WORD.finditer(flat))
    return [
        (words[i].start(), words[i + size - 1].end(), _key(flat[words[i].start() : words[i + size - 1].end()]))
        for size in range(_MOST_WORDS, 0, -1)
        for i in range(len(words) - size + 1)
    ]


_SHORT = {
    "pto": "puerto",
    "sta": "santa",
    "sto": "santo",
    "sn": "san",
    "pte": "puente",
    "mpio": "municipio",
    "cga": "cienaga",
}


def _key(name: str) -> str:
    return " ".join(_SHORT.get(word, word) for word in cast("list[str]", _WORD.findall(level(name))))


@cache
def _heard_name(name: str) -> str:
    return " ".join(sound(word) for word in name.split())


def _heard(name: str) -> str:
    return _heard_name(name) if name in _gazetteer()[0] else " ".join(sound(word) for word in name.split())
