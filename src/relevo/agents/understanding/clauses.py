"""Splits a message into clauses that may each carry a thought of their own. It never judges what they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass

from relevo.agents.understanding.slots.base import level

_STOPS = re.compile(r"[\n;]+|(?<!\d)[.,](?!\d)|(?<=\d)[.,](?=\s)|(?<=[a-zA-Záéíóú])[.,](?=\d)|[!?¡¿]+|\s[-–]\s")
_AND = re.compile(r"\s(?:y|e|and|pero|mas|tambien|ademas|also|but|tambem|y tambien|and also|e tambem)\s")
_ASKING = re.compile(
    r"^\W*(?:(?:y|e|and|pero|hola|buenas|oi|hi|ok|una pregunta)\W+)*(?:que|q|cual(?:es)?|como|cuando|cuant[oa]s?|donde|dnd|por ?que|quien|a como|hay|hacen|tienen|puedo|puede[ns]?|se puede|llega[n]?|aceptan|reciben|venden|manejan|"
    r"o que|qual|quais|quanto|quando|onde|quem|tem|voces|posso|da pra|aceita[m]?|entrega[m]?|what|which|how|when|where|who|why|do|does|can|could|is|are|will|would)\b"
)


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
    return found


def halves(text: str) -> list[tuple[str, str]]:
    """Each way to split a clause in two at an "and"."""
    flat = level(text)
    return [(text[: hit.start()], text[hit.end() :]) for hit in _AND.finditer(flat)]


def is_question(text: str) -> bool:
    """Whether a clause opens or ends as a question does."""
    return text.rstrip().endswith("?") or bool(_ASKING.match(level(text)))
