"""Splits a message into clauses that may each carry a thought of their own. It never judges what they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass

from relevo.agents.understanding.slots.base import level

_STOPS = re.compile(
    r"[\n;]+|(?<!\d)[.,](?!\d)|(?<=\d)[.,](?=\s)|(?<=[a-zA-Záéíóú])[.,](?=\d)|[!?¡¿]+|"
    r"\s[-–]\s"
)
_AND = re.compile(r"\s(?:y|e|and|pero|mas|tambien|ademas|also|but|tambem|y tambien|and also|e tambem)\s")
_ASKING = re.compile(
    r"^\W*(?:(?:y|e|and|pero|hola|buenas|oi|hi|ok|una pregunta)\W+)*(?:que|q|cual(?:es)?|"
    r"como|cuando|cuant[oa]s?|donde|dnd|por ?que|quien|a como|hay|hacen|tienen|puedo|"
    r"puede[ns]?|se puede|llega[n]?|aceptan|reciben|venden|manejan|"
    r"o que|qual|quais|quanto|quando|onde|quem|tem|voces|posso|da pra|aceita[m]?|"
    r"entrega[m]?|what|which|how|when|where|who|why|do|does|can|could|is|are|will|would)\b"
)

_MOST_HALVES = 3
"""A clause with more "and"s than this is a list or a tale, not two questions."""
_MOST_CLAUSES = 24


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the message."""

    start: int
    end: int
    asking: bool
    """It is put as a question."""


def clauses(text: str) -> list[Clause]:
    """Clauses in order, without empty ones."""
    found: list[Clause] = []
    begin = 0
    for stop in [*_STOPS.finditer(text), None]:
        end = stop.start() if stop is not None else len(text)
        if text[begin:end].strip():
            asking = (stop is not None and "?" in stop.group()) or is_question(text[begin:end])
            found.append(Clause(begin, end, asking))
        begin = stop.end() if stop is not None else end
        if len(found) == _MOST_CLAUSES:
            # Whatever comes after is one last clause: reading must stay bounded.
            if text[begin:].strip():
                found.append(Clause(begin, len(text), is_question(text[begin:])))
            break
    return found


def halves(text: str) -> list[tuple[str, str]]:
    """Each way to split a clause in two at an "and"."""
    flat = level(text)
    found = [(text[: hit.start()], text[hit.end() :]) for hit in _AND.finditer(flat)]
    return found if len(found) <= _MOST_HALVES else []


def is_question(text: str) -> bool:
    """Whether a clause opens or ends as a question does."""
    return text.rstrip().endswith("?") or bool(_ASKING.match(level(text)))
