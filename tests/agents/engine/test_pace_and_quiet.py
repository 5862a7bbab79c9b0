"""How fast, in how many bubbles, and how long to wait for the rest of a thought."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.engine.scripted import shop
from relevo.agents.commands import AnswerIntent
from relevo.agents.decision import Bubble, TurnInput
from relevo.agents.engine import PlaybookAgent
from relevo.agents.engine.pace import paced
from relevo.agents.engine.quiet import quiet_seconds
from relevo.agents.engine.state import SessionState
from relevo.agents.engine.work import Spoken, Work


def work_of(**changes: object) -> Work:
    talk, _ = shop()
    assert isinstance(talk.agent, PlaybookAgent)
    turn: TurnInput = replace(talk.turn_input(), **changes)  # pyright: ignore[reportArgumentType] # fields of the turn
    return Work(talk.agent.book, turn, SessionState())


def say(work: Work, *texts: str, asks: str | None = None) -> tuple[Bubble, ...]:
    work.spoken = [Spoken(Bubble(str(i), t)) for i, t in enumerate(texts)]
    if asks:
        work.spoken[-1].bubble = replace(work.spoken[-1].bubble, asks=asks)
    return paced(work)


def test_longer_texts_take_longer() -> None:
    first, short, long = say(work_of(timer_preset="real"), "hola", "corto", "largo " * 30)
    assert 0 < first.delay < short.delay < long.delay <= 9


def test_presets_and_speed() -> None:
    texts = ("hola", "largo " * 30)
    real = say(work_of(timer_preset="real"), *texts)[1].delay
    fast = say(work_of(timer_preset="rapido"), *texts)[1].delay
    none = say(work_of(timer_preset="instantaneo"), *texts)[1].delay
    double = say(work_of(timer_preset="real", response_speed=2.0), *texts)[1].delay
    assert none == 0 < fast < real
    assert double == pytest.approx(real / 2, abs=0.01)


def test_too_many_bubbles_are_merged_and_none_is_lost() -> None:
    bubbles = say(work_of(), *"abcdefg", asks="pack")
    assert len(bubbles) == 4
    assert [c for b in bubbles for c in b.text if c.isalpha()] == list("abcdefg")
    assert bubbles[-1].asks == "pack"
    assert "+".join(b.key for b in bubbles) == "0+1+2+3+4+5+6"


async def test_merged_bubbles_count_as_said() -> None:
    talk, reader = shop("handoff: {when", "pace: {max_bubbles: 1}\nhandoff: {when")
    reader.table["precio"] = (AnswerIntent("precio"),)
    first = await talk.say("precio")
    assert first is not None
    assert len(first.bubbles) == 1
    assert "Envío gratis." in first.bubbles[0].text
    second = await talk.say("precio")
    assert second is not None
    assert "Envío gratis." not in second.bubbles[0].text


@pytest.mark.parametrize(
    "text",
    ["hola cuánto vale?", "cuanto vale", "hola buenas, hacen envíos a pasto", "quiero 2", "3001234567", "Calle 5 # 3-2",
     "¿Qué trae?", "a@b.co", "me interesa comprar dos bolsas", "how much is it?", "Estoy en Cali."],
)  # fmt: skip
def test_a_complete_thought_is_answered_soon(text: str) -> None:
    assert quiet_seconds(text) == 1.5


@pytest.mark.parametrize(
    "text",
    ["hola", "Hola!", "buenas tardes", "oye", "quería saber", "hola, quería saber", "una pregunta", "oi", "hi", "mira",
     "disculpa", "quiero el de", "para mi mamá y", "es que", "hola...", "buenos días quiero saber"],
)  # fmt: skip
def test_a_fragment_is_waited_for(text: str) -> None:
    assert quiet_seconds(text) == 4.0


@pytest.mark.parametrize("text", ["", "  ", "👍", "Ana Ruiz", "Medellín"])
def test_of_the_rest_nothing_is_said(text: str) -> None:
    assert quiet_seconds(text) is None
