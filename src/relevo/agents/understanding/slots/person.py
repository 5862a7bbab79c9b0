"""Finds a person's name: after "soy", "a nombre de" and the like, or as the answer to the question for it.

Refuses sentences, yes and no, questions and shop talk; a name is never guessed out of anything else.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from relevo.agents.understanding.concepts import concepts
from relevo.agents.understanding.fold import sound
from relevo.agents.understanding.slots.base import Match, Outcome, Problem, SlotContext, level

if TYPE_CHECKING:
    from relevo.agents.playbook.slots import PersonSlot

_INTRODUCED = re.compile(
    r"\b(?:soy|me llamo|mi nombre(?: completo)? es|a nombre de|al nombre de|en nombre de|"
    r"nombre(?: completo| y apellidos?)?\s?(?:[:=]|es\b)|recibe|"
    r"(?:para )?mi (?:espos[oa]|mama|papa|hij[oa]|herman[oa]|novi[oa]|abuel[oa]|"
    r"ti[oa]|amig[oa])(?: es| que)?(?: se llama)?|"
    r"meu nome e|me chamo|sou (?:o|a)|em nome de|nome\s?[:=]|i am|i'm|my name is|"
    r"my name's|name\s?[:=]|this is|under the name(?: of)?|se llama)\s{0,2}:?\s{0,2}"
)
_LEAD = re.compile(
    r"^\W*(?:(?:hola|si|claro|ok|okey|bueno|buenas|listo|dale|sim|yes|sure|mira|es|seria|"
    r"ponlo|ponga|a|el|la|senor|senora|sr|sra|don|dona|seu|mr|mrs|ms)\b[\s,.:!]*){0,3}"
)
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?\.?")
_PARTICLES = frozenset(
    ["de", "del", "la", "las", "los", "da", "do", "dos", "das", "e", "y", "van", "von", "di", "san", "santa"]
)
_LONGEST = 6


@cache
def _words(file: str) -> frozenset[str]:
    text = (files("relevo.agents.understanding") / "data" / file).read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


def is_first_name(word: str) -> bool:
    """Whether a levelled word is a common given name of the Americas."""
    return word in _words("first_names.txt")


def find(spec: PersonSlot, text: str, context: SlotContext) -> Outcome:
    """Return the name in title case; `min_words` when too short an answer to the question."""
    flat = level(text)
    for introduced in _INTRODUCED.finditer(flat):
        found = _name(flat, introduced.end())
        if found is not None and (len(found) > 1 or _plausible(text, found, context)):
            return _judge(spec, text, introduced.start(), found, context)
    if "?" in text:
        return None
    lead = _LEAD.match(flat)
    start = lead.end() if lead else 0
    found = _name(flat, start, surname=spec.part == "last" and context.asked)
    if found is None or _WORD.search(flat, found[-1].end()) or re.search(r"[\d@#$]", flat[start:]):
        return None
    if not context.asked and not (len(found) > 1 and is_first_name(found[0].group().rstrip("."))):
        return None
    return _judge(spec, text, found[0].start(), found, context)


def _plausible(text: str, found: list[re.Match[str]], context: SlotContext) -> bool:
    """Return a single word after "soy" is a name when it is a known one, or capitalised, or the name was asked for."""
    word = found[0].group()
    return is_first_name(word) or text[found[0].start()].isupper() or context.asked


def _name(flat: str, start: int, *, surname: bool = False) -> list[re.Match[str]] | None:
    """Return the words of a name from `start` on, up to the first thing that cannot belong to one."""
    words: list[re.Match[str]] = []
    place = start
    while len(words) < _LONGEST + 1:
        word = _WORD.match(flat, place)
        if word is None:
            break
        plain = word.group().rstrip(".")
        if plain in _words("not_names.txt") and not (plain in _PARTICLES and (words or surname)):
            break
        if plain in _PARTICLES and not words and not surname:
            return None
        words.append(word)
        gap = re.compile(r"[ \t]{1,3}").match(flat, word.end())
        if gap is None or (word.group().endswith(".") and len(plain) > 1):
            break
        place = gap.end()
    while words and words[-1].group() in _PARTICLES:
        words.pop()
    if not words or len(words) > _LONGEST or any(_is_talk(word.group()) for word in words[:1]):
        return None
    return words


def _is_talk(word: str) -> bool:
    """Shop talk is no name, unless it also is one ("Rosa" names a colour and a person)."""
    return not is_first_name(word) and bool(set(concepts([sound(word)])) - {"person", "trust", "location"})


def _judge(spec: PersonSlot, text: str, start: int, found: list[re.Match[str]], context: SlotContext) -> Outcome:
    end = found[-1].end()
    first, last = split([text[word.start() : word.end()] for word in found])
    if spec.part == "first":
        value = first
    elif spec.part == "last":
        alone = context.asked and not (last and is_first_name(level(first).split()[0]))
        value = f"{first} {last}".strip() if alone else last
    else:
        value = f"{first} {last}".strip()
    if not value:
        return None
    real = [word for word in value.split() if level(word) not in _PARTICLES]
    if len(real) < spec.min_words:
        return Problem("min_words") if context.asked else None
    return Match(value, start, end)


def split(words: list[str]) -> tuple[str, str]:
    """Tell given names from surnames: two and two of four, one and two of three unless the second is a given name."""
    titled = [_titled(word, first=place == 0) for place, word in enumerate(words)]
    real = [place for place, word in enumerate(titled) if level(word) not in _PARTICLES]
    if len(real) <= 1:
        return " ".join(titled), ""
    two = len(real) >= 4 or (len(real) == 3 and is_first_name(level(words[real[1]])))  # noqa: PLR2004
    cut = real[1] + 1 if two else real[0] + 1
    return " ".join(titled[:cut]), " ".join(titled[cut:])


def _titled(word: str, *, first: bool) -> str:
    plain = word.rstrip(".")
    if level(plain) in _PARTICLES and not first:
        return plain.lower()
    return plain if plain[1:] != plain[1:].lower() and plain != plain.upper() else plain.capitalize()
