"""Models over real HTTP as a whole turn sees them: what a decision says of labels, failures, costs and rewordings."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from pydantic_ai import models

from agents.engine.scripted import SHOP
from agents.understanding.stubs import ModelStub, serving
from relevo.agents.engine import Conversation, PlaybookAgent
from relevo.agents.engine.book import Book
from relevo.agents.playbook.loader import parse
from relevo.agents.understanding import build_reader
from relevo.agents.understanding.cascade import CascadeReader

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

UNCLEAR = "resulta que mi tía quedó encantada con lo del otro día y pregunta si allá también"
ENVIO: dict[str, Any] = {"said": [{"kind": "intent", "name": "envio"}], "language": "es"}
OPENAI, ANTHROPIC = "openai:gpt-4.1-mini", "anthropic:claude-haiku-4-5"


@asynccontextmanager
async def talking(
    monkeypatch: pytest.MonkeyPatch,
    openai: ModelStub,
    anthropic: ModelStub,
    *,
    names: tuple[str, ...] = (ANTHROPIC, OPENAI),
    phrasing: bool = False,
) -> AsyncGenerator[Conversation]:
    """A conversation with a shop whose models are stubs; it waits for those who answer, and not for slow ones."""
    patience = 1 if "slow" in openai.plan + anthropic.plan else 30
    monkeypatch.setattr(models, "ALLOW_MODEL_REQUESTS", True)
    async with serving(openai), serving(anthropic):
        monkeypatch.setenv("OPENAI_BASE_URL", openai.url + "/v1")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropic.url)
        monkeypatch.setenv("OPENAI_API_KEY", "test")
        monkeypatch.setenv("ANTHROPIC_API_KEY", "test")
        allowed = f"understanding: {{model: {{phrasing: {str(phrasing).lower()}, timeout: {patience}s, retries: 0}}}}\n"
        playbook, _ = parse("shop", SHOP + allowed)
        reader = build_reader(playbook, names)
        assert isinstance(reader, CascadeReader)
        agent = PlaybookAgent("shop", Book(playbook), reader, offline=reader.offline, phraser=reader.phraser)
        try:
            yield Conversation(agent)
        finally:
            await reader.aclose()


async def test_out_of_credit_the_next_model_answers_and_the_timeline_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(monkeypatch, ModelStub(["ok"], ENVIO), ModelStub(["credit"], ENVIO)) as talk:
        decision = await talk.say(UNCLEAR)
    assert decision is not None
    assert decision.bubbles[0].text == "Envío gratis."
    reading = decision.explanation["reading"]
    assert reading["source"] == OPENAI
    assert f"{ANTHROPIC}: no_credit" in reading["notes"]
    assert [(spent.model, spent.error) for spent in decision.usage] == [(ANTHROPIC, "no_credit"), (OPENAI, None)]


@pytest.mark.parametrize("failure", ["credit", "429", "500", "invalid", "slow"])
async def test_with_every_model_gone_the_shop_stays_open_and_the_timeline_says_why(
    monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    async with talking(monkeypatch, ModelStub([failure], ENVIO), ModelStub([failure], ENVIO)) as talk:
        unclear = await talk.say(UNCLEAR)
        clear = await talk.say("precio")
    assert unclear is not None
    assert unclear.bubbles, "a customer is never left without an answer"
    notes = unclear.explanation["reading"]["notes"]
    assert notes[-1] == "read offline: no model answered"
    assert any(note.startswith(f"{ANTHROPIC}: ") for note in notes)
    assert all(spent.error for spent in unclear.usage)
    assert clear is not None
    assert "18.000" in clear.bubbles[0].text
    assert not clear.usage


async def test_over_the_budget_no_model_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    stub = ModelStub(["ok"], ENVIO)
    async with talking(monkeypatch, stub, stub, phrasing=True) as talk:
        talk.model_allowed = False
        decision = await talk.say(UNCLEAR)
    assert decision is not None
    assert decision.bubbles
    assert stub.requests == []


@pytest.mark.parametrize(
    ("phrased", "fault"),
    [
        ("A domicilio son $6.000.", "6000"),
        ("A domicilio son $8.000, con 10% menos.", "10"),
        ("A domicilio son $8.000 y llega el 5 de marzo.", "5 de marzo"),
        ("A domicilio son $8.000 y llega mañana.", "mañana"),
        ("A domicilio son $8.000, te lo garantizo.", "garantizo"),
        ("A domicilio es gratis.", "gratis"),
        ("A domicilio, muy barato.", "leaves out"),
    ],
)
async def test_a_rewording_that_invents_a_price_a_date_or_a_promise_is_not_said(
    monkeypatch: pytest.MonkeyPatch, phrased: str, fault: str
) -> None:
    stub = ModelStub(["ok"], {"texts": [phrased]})
    async with talking(monkeypatch, stub, stub, phrasing=True) as talk:
        decision = await talk.say("recargo")
    assert decision is not None
    assert [bubble.text for bubble in decision.bubbles] == ["A domicilio son $8.000."]
    refused = [rule for rule in decision.explanation["rules"] if "refused a phrasing" in rule]
    assert len(refused) == 1
    assert fault in refused[0]


@pytest.mark.parametrize("names", [(OPENAI,), (ANTHROPIC,)])
async def test_a_rewording_that_says_the_same_is_said_and_its_cost_recorded(
    monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    stub = ModelStub(["ok"], {"texts": ["¡Claro! A domicilio te queda en $8.000 😊"]})
    async with talking(monkeypatch, stub, stub, names=names, phrasing=True) as talk:
        decision = await talk.say("recargo")
    assert decision is not None
    assert decision.bubbles[0].text == "¡Claro! A domicilio te queda en $8.000 😊"
    assert decision.usage[-1].input_tokens > 0


@pytest.mark.parametrize("failure", ["credit", "500", "invalid", "slow"])
async def test_where_no_rewording_comes_the_playbooks_own_words_are_said(
    monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    stub = ModelStub([failure], {"texts": ["x"]})
    async with talking(monkeypatch, stub, stub, phrasing=True) as talk:
        decision = await talk.say("recargo")
    assert decision is not None
    assert decision.bubbles[0].text == "A domicilio son $8.000."
    assert any("no rewording" in rule for rule in decision.explanation["rules"])


async def test_a_rewording_of_another_number_of_texts_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    stub = ModelStub(["ok"], {"texts": ["A domicilio son $8.000.", "¿Algo más?"]})
    async with talking(monkeypatch, stub, stub, phrasing=True) as talk:
        decision = await talk.say("recargo")
    assert decision is not None
    assert [bubble.text for bubble in decision.bubbles] == ["A domicilio son $8.000."]
