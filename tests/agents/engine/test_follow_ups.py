"""Nudges: planned in one place, checked again when due, never outside what WhatsApp and the night allow."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from agents.engine.scripted import Scripted, shop
from relevo.agents.commands import AnswerIntent, SetSlot
from relevo.agents.decision import Decision, DueFollowUp, HistoryItem

if TYPE_CHECKING:
    from relevo.agents.engine import Conversation


async def asked_price() -> tuple[Conversation, Scripted]:
    talk, reader = shop()
    reader.table["precio"] = (AnswerIntent("precio"),)
    await talk.say("precio")
    return talk, reader


async def due(talk: Conversation, name: str = "duda", **changes: object) -> Decision:
    planned_at = talk.now
    talk.now += timedelta(hours=1)
    turn = talk.turn_input((), DueFollowUp(name, planned_at))
    return await talk.agent.decide(replace(turn, **changes))  # pyright: ignore[reportArgumentType] # fields of the turn


async def test_what_is_due_is_said_and_can_be_answered() -> None:
    talk, _ = await asked_price()
    decision = await due(talk)
    assert [b.text for b in decision.bubbles] == ["¿Alguna duda?"]
    assert decision.bubbles[0].asks == "followup:duda"
    assert decision.follow_ups == ()


async def test_planning_replaces_and_carries_the_time_left() -> None:
    talk, reader = await asked_price()
    reader.table["dos"] = (SetSlot("pack", "dos"),)
    decision = await talk.say("dos")
    assert decision is not None
    assert {f.id: f.after for f in decision.follow_ups or ()} == {
        "duda": timedelta(hours=1),
        "resto": timedelta(hours=2),
    }
    fired = await talk.skip(timedelta(hours=1, minutes=1))
    left = {f.id: f.after for f in fired[0].follow_ups or ()}
    assert set(left) == {"resto"}
    assert timedelta(minutes=59) <= left["resto"] <= timedelta(hours=1)


async def test_not_when_somebody_wrote_since() -> None:
    for author in ("customer", "person"):
        talk, _ = await asked_price()
        later = HistoryItem(author, "hola", talk.now + timedelta(minutes=30))
        decision = await due(talk, history=(*talk.history, later))
        assert not decision.bubbles
        assert "somebody wrote since" in str(decision.explanation["rules"])


async def test_not_after_an_opt_out() -> None:
    talk, _ = await asked_price()
    decision = await due(talk, contact=replace(talk.contact, opted_out=True))
    assert not decision.bubbles


async def test_not_when_its_condition_no_longer_holds() -> None:
    talk, _ = await asked_price()
    decision = await due(talk, state={})
    assert not decision.bubbles


async def test_an_unknown_follow_up_says_nothing() -> None:
    talk, _ = await asked_price()
    assert not (await due(talk, "nada")).bubbles


async def test_no_words_once_the_window_is_closed() -> None:
    talk, _ = await asked_price()
    decision = await due(talk, window_open_until=None)
    assert not decision.bubbles
    assert "window closed" in str(decision.explanation["rules"])


async def test_the_night_is_waited_for() -> None:
    talk, reader = shop()
    reader.table["precio"] = (AnswerIntent("precio"),)
    talk.now = talk.now.replace(hour=1)  # 20:00 in Bogotá
    await talk.say("precio")
    decision = await due(talk)
    assert not decision.bubbles
    assert decision.follow_ups
    plan = decision.follow_ups[0]
    assert plan.id == "duda"
    morning = talk.now + plan.after
    assert (morning.hour, morning.minute) == (13, 0)


async def test_a_template_long_after_and_only_when_delivered() -> None:
    talk, reader = shop()
    reader.table |= {"dos": (SetSlot("pack", "dos"), SetSlot("nombre", "Ana")), "sí": ()}
    await talk.say("dos")
    decision = await talk.tap("Sí")
    assert decision is not None
    assert [f.id for f in decision.follow_ups or ()] == ["vuelve"]
    not_yet = await due(talk, "vuelve")
    assert not not_yet.bubbles
    talk.set_order_status("entregado")
    said = await due(talk, "vuelve", window_open_until=None)
    template = said.bubbles[0].template
    assert template is not None
    assert (template.name, said.bubbles[0].text) == ("vuelve_es", "")


async def test_a_nudge_with_the_missing_data_goes_on_with_the_order() -> None:
    talk, reader = shop()
    reader.table["dos"] = (SetSlot("pack", "dos"),)
    await talk.say("dos")
    fired = await talk.skip(timedelta(hours=2))
    assert [b.text for b in fired[0].bubbles] == ["Falta: nombre", "¿Nombre?"]
    assert fired[0].bubbles[-1].asks == "nombre"
