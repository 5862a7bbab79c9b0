"""The summary for whoever takes over is in the shop's language, with the playbook's names where it has some."""

from __future__ import annotations

import pytest

from agents.engine.scripted import shop
from relevo.agents.commands import AnswerIntent


@pytest.mark.parametrize(
    ("language", "expected"),
    [("es", ("Escribió: ", "Temas: Envíos")), ("pt", ("Escreveu: ", "Assuntos: Envíos"))],
)
async def test_topics_go_by_their_titles(language: str, expected: tuple[str, ...]) -> None:
    talk, reader = shop("also: [pt]", f"language: {language}")
    reader.table |= {"envío": (AnswerIntent("envio"),), "humano": (AnswerIntent("humano"),)}
    await talk.say("envío")
    decision = await talk.say("humano")
    assert decision is not None
    assert decision.handoff is not None
    for text in expected:
        assert text in decision.handoff.summary
