"""Nothing is said that nobody said before: amounts, percentages, dates, promises, claims."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.engine.scripted import shop
from relevo.agents.commands import AnswerIntent, SetSlot
from relevo.agents.decision import Bubble, ModelUsage
from relevo.agents.engine import guard
from relevo.agents.engine.agent import PlaybookAgent
from relevo.agents.engine.state import SessionState
from relevo.agents.engine.work import Spoken, Work
from relevo.agents.playbook.money import AMOUNT, Currency, digits

SOURCE = "Dos por $18.000 y llega en 2 a 4 días."


def work_of(talk_agent: PlaybookAgent) -> Work:
    talk, _ = shop()
    return Work(talk_agent.book, talk.turn_input(), SessionState())


def agent(old: str = "", new: str = "") -> PlaybookAgent:
    talk, _ = shop(old, new)
    assert isinstance(talk.agent, PlaybookAgent)
    return talk.agent


@pytest.mark.parametrize(
    "phrased",
    [
        "¡Claro! Dos te salen en $18.000 y te llegan en 2 a 4 días 😊",
        "Te llega en 2 a 4 días, y los dos por $ 18.000.",
    ],
)
def test_a_phrasing_that_says_the_same_is_taken(phrased: str) -> None:
    assert guard.phrasing_fault(agent().book, SOURCE, phrased) is None


@pytest.mark.parametrize(
    "phrased",
    [
        "Dos por $17.000 y llega en 2 a 4 días.",
        "Dos por $18.000 y llega en 1 a 4 días.",
        "Dos por $18.000, con 10% de descuento, en 2 a 4 días.",
        "Dos por $18.000 y llega mañana, en 2 a 4 días.",
        "Dos por $18.000 y llega el 5 de marzo, en 2 a 4 días.",
        "Dos por $18.000 en 2 a 4 días, te garantizo que te encanta.",
        "Dos por $18.000 y llega gratis en 2 a 4 días.",
        "Dos, y llega en 2 a 4 días.",
        "Dos por $18.000 y llega en 2 a 4 días, y cura todo.",
    ],
)
def test_a_phrasing_that_adds_or_leaves_out_is_refused(phrased: str) -> None:
    book = agent("handoff: {when", "guardrails: {claims_forbidden: [cura*]}\nhandoff: {when").book
    assert guard.phrasing_fault(book, SOURCE, phrased) is not None


@pytest.mark.parametrize("text", ["Son $999.", "Son 9.999", "Te doy 20 % menos", "Llega el 5 de marzo", "5 mil pesos"])
def test_an_invented_number_is_not_said_and_a_person_is_called(text: str) -> None:
    work = work_of(agent())
    work.spoken = [Spoken(Bubble("x", text))]
    guard.refuse_inventions(work)
    assert not work.spoken
    assert work.handoff is not None
    assert work.handoff.reason == "rule:guardrail"


def test_what_the_playbook_says_may_be_said() -> None:
    work = work_of(agent())
    work.spoken = [Spoken(Bubble("x", "Uno $10.000, dos $18.000, cada una $9.000, domicilio $8.000"))]
    guard.refuse_inventions(work)
    assert len(work.spoken) == 1


async def test_a_model_may_only_reword() -> None:
    class Liar:
        async def phrase(
            self, texts: tuple[str, ...], *, persona: str, language: str
        ) -> tuple[tuple[str, ...], ModelUsage]:
            assert language == "es"
            assert persona == ""
            lies = tuple(t.replace("8.000", "7.000") + " 🙂" for t in texts)
            return lies, ModelUsage("m", 1, 1, 0.01, 0.1)

    form = "handoff: {when", "understanding: {model: {phrasing: true}}\nhandoff: {when"
    talk, reader = shop(*form, phraser=Liar())
    reader.table |= {"recargo": (AnswerIntent("recargo"),), "envío": (AnswerIntent("envio"),)}
    refused = await talk.say("recargo")
    assert refused is not None
    assert refused.bubbles[0].text == "A domicilio son $8.000."
    assert "guardrail refused a phrasing" in str(refused.explanation["rules"])
    taken = await talk.say("envío")
    assert taken is not None
    assert taken.bubbles[0].text == "Envío gratis. 🙂"
    assert taken.usage[0].usd == 0.01
    talk.model_allowed = False
    offline = await talk.say("envío")
    assert offline is not None
    assert not offline.usage


async def test_the_customers_own_words_in_a_summary_are_no_promise() -> None:
    talk, reader = shop("collect: [pack, nombre]", "collect: [pack, nota]")
    reader.table["x"] = (SetSlot("pack", "dos"), SetSlot("nota", "casa 12 de marzo 3"))
    decision = await talk.say("x")
    assert decision is not None
    assert decision.handoff is None
    assert "casa 12 de marzo 3" in decision.bubbles[-1].text


@given(st.integers(0, 10**9), st.sampled_from(["COP", "USD", "BRL", "MXN"]), st.sampled_from(["CO", "US", "BR", "MX"]))
def test_every_amount_we_write_is_recognised_as_one(minor: int, currency: str, country: str) -> None:
    book = agent("country: CO,", f"country: {country}, currency: {currency},").book
    money = Currency.of(book.playbook.business)
    text = money.format(minor)
    found = AMOUNT.search(f"Vale {text} hoy")
    assert found is not None
    assert digits(found.group()) == digits(text)
