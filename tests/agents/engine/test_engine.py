"""The engine's rules, one by one, with a reader that is told what to understand."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from agents.engine.scripted import Scripted, shop
from relevo.agents.commands import (
    Affirm,
    AnswerIntent,
    AskForPerson,
    CannotTell,
    Choose,
    ClearSlot,
    Deny,
    Feeling,
    InvalidSlot,
    OptOut,
    SetSlot,
    SmallTalk,
    StartFlow,
)
from relevo.agents.decision import ContactView
from relevo.agents.engine import Conversation

if TYPE_CHECKING:
    from relevo.agents.decision import Decision, TurnInput
    from relevo.agents.engine import PlaybookAgent

PRECIO, ENVIO, PAGO = AnswerIntent("precio"), AnswerIntent("envio"), AnswerIntent("pago")


async def said(talk: Conversation, *texts: str) -> str:
    decision = await talk.say(*texts)
    assert decision is not None
    return "\n".join(b.text for b in decision.bubbles)


def orders_of(talk: Conversation) -> list[tuple[str, int]]:
    return [(o.id, o.total) for o in talk.orders]


async def to_summary(talk: Conversation, reader: Scripted) -> Decision:
    reader.table |= {
        "quiero dos": (AnswerIntent("comprar"), SetSlot("pack", "dos")),
        "Ana": (SetSlot("nombre", "Ana"),),
        "sí": (Affirm(),),
        "no": (Deny(),),
    }
    await talk.say("quiero dos")
    decision = await talk.say("Ana")
    assert decision is not None
    assert decision.bubbles[-1].asks == "confirm:pedido"
    return decision


async def test_an_order_is_created_only_by_a_yes_and_announced_with_its_number() -> None:
    talk, reader = shop()
    summary = await to_summary(talk, reader)
    assert summary.order is None
    assert "$18.000" in summary.bubbles[-1].text
    decision = await talk.say("sí")
    assert decision is not None
    assert decision.order is not None
    assert decision.order.lines[0].unit_price == 18000
    assert decision.bubbles[-1].text == "Pedido 1001 por $18.000."
    assert decision.bubbles[-1].essential
    assert decision.contact_fields == {"nombre": "Ana"}
    assert decision.contact_name == "Ana"


async def test_a_second_yes_creates_nothing() -> None:
    talk, reader = shop()
    await to_summary(talk, reader)
    await talk.say("sí")
    decision = await talk.say("sí")
    assert decision is not None
    assert decision.order is None
    assert orders_of(talk) == [("1001", 18000)]


async def test_the_order_survives_a_turn_that_is_decided_again() -> None:
    talk, reader = shop()
    await to_summary(talk, reader)
    yes = talk.turn_input((talk.message("sí"),))
    first = await talk.agent.decide(yes)
    assert first.order is not None
    again = replace(yes, messages=(*yes.messages, talk.message("gracias")), state=first.state)
    reader.table["gracias"] = (SmallTalk("thanks"),)
    second = await talk.agent.decide(again)
    assert second.order == first.order, "nothing of the first decision was carried out, so it is decided anew"


async def test_counters_do_not_count_a_repeated_turn_twice() -> None:
    talk, reader = shop()
    reader.table["precio"] = (PRECIO,)
    turn = talk.turn_input((talk.message("precio"),))
    decision = await talk.agent.decide(turn)
    for _ in range(5):
        decision = await talk.agent.decide(replace(turn, state=decision.state))
    assert decision.state["intents"] == {"precio": 1}
    assert decision.handoff is None
    assert len(json.dumps(decision.state)) < 1000


async def test_a_summary_that_changed_is_confirmed_anew() -> None:
    talk, reader = shop()
    await to_summary(talk, reader)
    reader.table["sí, mejor uno"] = (Affirm(), SetSlot("pack", "uno", correction=True))
    decision = await talk.say("sí, mejor uno")
    assert decision is not None
    assert decision.order is None
    assert "$10.000" in decision.bubbles[-1].text
    await talk.say("sí")
    assert orders_of(talk) == [("1001", 10000)]


async def test_a_yes_to_a_summary_that_was_never_accepted_is_no_yes() -> None:
    talk, reader = shop()
    await to_summary(talk, reader)
    talk.history = [h for h in talk.history if not (h.asks or "").startswith("confirm:")]
    decision = await talk.say("sí")
    assert decision is not None
    assert decision.order is None


async def test_a_tap_on_an_older_summary_confirms_nothing() -> None:
    talk, reader = shop()
    old = await to_summary(talk, reader)
    button = old.bubbles[-1].buttons[0]
    reader.table["uno"] = (SetSlot("pack", "uno", correction=True),)
    await talk.say("uno")
    decision = await talk.receive([talk.message(button.title, kind="choice", choice_id=button.id)])
    assert decision is not None
    assert decision.order is None


async def test_no_asks_what_to_change() -> None:
    talk, reader = shop()
    await to_summary(talk, reader)
    decision = await talk.say("no")
    assert decision is not None
    assert decision.bubbles[-1].asks == "change:pedido"
    assert len([b for b in decision.bubbles if b.asks]) == 1


async def test_prices_of_the_moment_stay_with_the_order() -> None:
    talk, reader = shop()
    await to_summary(talk, reader)
    await talk.say("sí")
    assert talk.orders[0].lines[0].unit_price == 18000
    assert talk.orders[0].total == sum(x.quantity * x.unit_price for x in talk.orders[0].lines)


async def test_a_change_before_dispatch_keeps_the_number() -> None:
    talk, reader = shop()
    await to_summary(talk, reader)
    await talk.say("sí")
    reader.table["mejor uno"] = (SetSlot("pack", "uno", correction=True),)
    ask = await talk.say("mejor uno")
    assert ask is not None
    assert ask.order is None
    decision = await talk.say("sí")
    assert decision is not None
    assert decision.order is not None
    assert decision.bubbles[-1].essential
    assert orders_of(talk) == [("1001", 10000)]


async def test_a_change_refused_leaves_the_order_alone() -> None:
    talk, reader = shop()
    await to_summary(talk, reader)
    await talk.say("sí")
    reader.table["mejor uno"] = (SetSlot("pack", "uno", correction=True),)
    await talk.say("mejor uno")
    assert "queda como estaba" in await said(talk, "no")
    assert orders_of(talk) == [("1001", 18000)]


async def test_after_dispatch_a_new_order_needs_a_new_session() -> None:
    talk, reader = shop()
    await to_summary(talk, reader)
    await talk.say("sí")
    talk.set_order_status("despachado")
    reader.table["otro"] = (AnswerIntent("comprar"),)
    decision = await talk.say("otro")
    assert decision is not None
    assert decision.end_session == "new_order"
    assert decision.bubbles[-1].asks == "pack"
    reader.table["uno"] = (SetSlot("pack", "uno"),)
    await talk.say("uno")
    await talk.say("sí")
    assert orders_of(talk) == [("1002", 10000), ("1001", 18000)]


async def test_cancelling_asks_first() -> None:
    talk, reader = shop()
    await to_summary(talk, reader)
    await talk.say("sí")
    reader.table["cancela"] = (AnswerIntent("cancelar"),)
    ask = await talk.say("cancela")
    assert ask is not None
    assert not ask.cancel_order
    decision = await talk.say("sí")
    assert decision is not None
    assert decision.cancel_order
    assert talk.orders[0].status == "cancelado"


async def test_an_order_over_the_limit_goes_to_people() -> None:
    talk, reader = shop("price: 18000", "price: 68000")
    reader.table |= {"dos": (SetSlot("pack", "dos"),), "Ana": (SetSlot("nombre", "Ana"),)}
    await talk.say("dos")
    decision = await talk.say("Ana")
    assert decision is not None
    assert decision.handoff is not None
    assert decision.handoff.reason == "order_over_limit"
    assert "Ana" in decision.handoff.summary


async def test_variants_are_never_the_same_twice_in_a_row_and_do_not_depend_on_chance() -> None:
    talk, reader = shop()
    reader.table |= {"precio": (PRECIO,), "envío": (ENVIO,)}
    first = [(await said(talk, "precio")).split("\n")[0]]
    for _ in range(2):
        await said(talk, "envío")
        first.append((await said(talk, "precio")).split("\n")[0])
    assert all(a != b for a, b in pairwise(first))
    other, reader2 = shop()
    reader2.table = reader.table
    assert first[0] == (await said(other, "precio")).split("\n")[0]


async def test_complementary_bubbles_are_said_once() -> None:
    talk, reader = shop()
    reader.table["precio"] = (PRECIO,)
    assert "Envío gratis." in await said(talk, "precio")
    assert "Envío gratis." not in await said(talk, "precio")


async def test_what_was_planned_but_never_accepted_is_not_taken_as_said() -> None:
    talk, reader = shop()
    reader.table["precio"] = (PRECIO,)
    await talk.say("precio")
    talk.history = [h for h in talk.history if h.author == "customer"]
    assert "Envío gratis." in await said(talk, "precio")


async def test_several_questions_are_answered_in_their_order_after_the_greeting() -> None:
    talk, reader = shop()
    reader.table["todo"] = (SmallTalk("greeting"), PAGO, ENVIO)
    decision = await talk.say("todo")
    assert decision is not None
    assert [b.text for b in decision.bubbles] == ["¡Hola!", "Pagas al recibir.", "Envío gratis."]


async def test_a_side_question_comes_back_to_the_open_one() -> None:
    talk, reader = shop()
    reader.table |= {"quiero": (AnswerIntent("comprar"),), "envío": (ENVIO,)}
    await talk.say("quiero")
    decision = await talk.say("envío")
    assert decision is not None
    assert [b.asks for b in decision.bubbles] == [None, "pack"]
    assert decision.bubbles[-1].text.startswith("Y volviendo a tu pedido")


async def test_data_that_come_unasked_begin_the_order() -> None:
    talk, reader = shop()
    reader.table |= {"dos": (SetSlot("pack", "dos"),), "soy Ana": (SetSlot("nombre", "Ana"),)}
    assert await said(talk, "soy Ana")
    assert talk.state.get("flow") is None, "a name alone is no order"
    await talk.say("dos")
    assert talk.state["flow"] == "pedido"


async def test_a_wrong_value_is_asked_for_again() -> None:
    talk, reader = shop()
    await to_summary(talk, reader)
    reader.table["el nombre está mal"] = (ClearSlot("nombre"),)
    decision = await talk.say("el nombre está mal")
    assert decision is not None
    assert decision.bubbles[-1].asks == "nombre"


@pytest.mark.parametrize(
    "value", ["Ana $1.000", "el total es 5.000 pesos", "50% menos", "{order.total}", "x" * 500, "  "]
)
async def test_values_that_could_pass_for_a_promise_are_not_taken(value: str) -> None:
    talk, reader = shop()
    reader.table |= {"quiero": (AnswerIntent("comprar"), SetSlot("pack", "uno")), "v": (SetSlot("nombre", value),)}
    await talk.say("quiero")
    decision = await talk.say("v")
    assert decision is not None
    assert "nombre" not in talk.state["slots"]
    assert decision.bubbles[-1].asks == "nombre"


async def test_unknown_labels_slots_and_options_do_nothing() -> None:
    talk, reader = shop()
    reader.table["x"] = (
        AnswerIntent("nada"),
        SetSlot("nada", "1"),
        SetSlot("pack", "diez"),
        StartFlow("nada"),
        ClearSlot("nada"),
        Choose("nada"),
        InvalidSlot("nada", "", ""),
    )
    decision = await talk.say("x")
    assert decision is not None
    assert decision.order is None
    assert talk.state.get("slots", {}) == {}


async def test_acknowledgements_get_no_answer_and_say_so() -> None:
    talk, reader = shop()
    reader.table["ok"] = (SmallTalk("acknowledgement"),)
    decision = await talk.say("ok")
    assert decision is not None
    assert not decision.bubbles
    assert decision.outcomes[0].outcome == "ignored"
    assert decision.outcomes[0].reason == "acknowledgement: needs no answer"


async def test_a_burst_is_one_answer_and_every_message_is_accounted_for() -> None:
    talk, reader = shop()
    reader.table |= {"hola": (SmallTalk("greeting"),), "envío": (ENVIO,)}
    decision = await talk.say("hola", "envío")
    assert decision is not None
    assert [o.outcome for o in decision.outcomes] == ["coalesced", "answered"]


async def test_asked_back_with_buttons_then_in_words_then_a_person() -> None:
    talk, reader = shop()
    reader.table["?"] = (CannotTell((("envio", 0.5), ("pago", 0.4), ("precio", 0.3))),)
    first = await talk.say("?")
    assert first is not None
    assert [b.title for b in first.bubbles[0].buttons] == ["Envíos", "Pagos"]
    second = await talk.say("?")
    assert second is not None
    assert not second.bubbles[0].buttons
    third = await talk.say("?")
    assert third is not None
    assert third.handoff is not None
    assert third.handoff.reason == "failed_turns"


async def test_a_clarification_is_answered_by_a_tap() -> None:
    talk, reader = shop()
    reader.table["?"] = (CannotTell((("envio", 0.5),)),)
    await talk.say("?")
    decision = await talk.tap("Envíos")
    assert decision is not None
    assert decision.bubbles[0].text == "Envío gratis."


async def test_answers_that_do_not_validate_lead_to_a_person_in_the_end() -> None:
    talk, reader = shop()
    reader.table |= {"quiero": (AnswerIntent("comprar"),), "diez": (InvalidSlot("pack", "diez", "not_offered"),)}
    await talk.say("quiero")
    decisions = [await talk.say("diez") for _ in range(3)]
    assert [d.handoff.reason if d and d.handoff else None for d in decisions] == [None, None, "failed_turns"]
    texts = [d.bubbles[-1].text for d in decisions[:2] if d]
    assert all(text != "¿Uno o dos?" for text in texts), "the question is put in other words"


async def test_anger_and_the_wish_for_a_person_win_over_everything_else() -> None:
    for command in (Feeling("angry"), AskForPerson(), AnswerIntent("humano")):
        talk, reader = shop()
        reader.table["x"] = (PRECIO, command)
        decision = await talk.say("x")
        assert decision is not None
        assert decision.handoff is not None
        assert not decision.bubbles
        assert decision.handoff.say is None, "the shop's own words are said"
        assert decision.follow_ups == ()
        assert [o.outcome for o in decision.outcomes] == ["handed_off"]


async def test_a_session_goes_on_after_people_hand_back_without_a_greeting() -> None:
    talk, reader = shop()
    reader.table |= {
        "quiero": (AnswerIntent("comprar"),),
        "persona": (AskForPerson(),),
        "hola": (AnswerIntent("hola"),),
    }
    await talk.say("quiero")
    await talk.say("persona")
    talk.person_says("Ya te ayudo")
    talk.now += timedelta(minutes=5)
    back = await talk.hand_back()
    assert [b.asks for b in back.bubbles] == ["pack"]
    assert "¡Hola!" not in await said(talk, "hola")


async def test_opting_out_is_the_last_word() -> None:
    talk, reader = shop()
    reader.table |= {"quiero": (AnswerIntent("comprar"),), "déjenme": (OptOut(),)}
    for text in ("Baja", "BAJA.", "stop", "déjenme"):
        talk, fresh = shop()
        fresh.table = reader.table
        await talk.say("quiero")
        decision = await talk.say("quiero", text)
        assert decision is not None
        assert decision.opt_out is True
        assert decision.order is None
        assert decision.follow_ups == ()
        assert decision.end_session == "opt_out"
        assert not await said(talk, "quiero")
        back = await talk.say("ALTA")
        assert back is not None
        assert back.opt_out is False


async def test_a_word_of_opting_out_inside_a_sentence_opts_nobody_out() -> None:
    talk, reader = shop()
    reader.table["baja la música por favor"] = (AnswerIntent("baja"),)
    decision = await talk.say("baja la música por favor")
    assert decision is not None
    assert decision.opt_out is None
    assert "BAJA" in decision.bubbles[0].text


async def test_our_own_words_coming_back_are_not_answered() -> None:
    talk, reader = shop()
    reader.table["precio"] = (PRECIO,)
    text = (await said(talk, "precio")).replace("\n\n", "\n")
    echo = talk.history[-2].text
    decision = await talk.say(echo)
    assert decision is not None
    assert not decision.bubbles
    second = await talk.say(echo)
    assert second is not None
    assert second.handoff is not None
    assert second.handoff.reason == "agent_loop"
    assert text


async def test_a_machine_that_repeats_itself_is_handed_over() -> None:
    talk, _ = shop()
    text = "Gracias por comunicarte con nosotros, pronto te atendemos"
    decisions = [await talk.say(text) for _ in range(3)]
    last = decisions[-1]
    assert last is not None
    assert last.handoff is not None
    assert last.handoff.reason == "agent_loop"


async def test_too_many_messages_of_ours_stop_the_agent() -> None:
    talk, reader = shop("handoff: {when", "guardrails: {agent_loop: {max_agent_messages: 4, per: 10m}}\nhandoff: {when")
    reader.table["envío"] = (ENVIO,)
    reader.table["pago"] = (PAGO,)
    handed = None
    for text in ("envío", "pago", "envío", "pago", "envío"):
        handed = await talk.say(text)
    assert handed is not None
    assert handed.handoff is not None


async def test_the_reader_is_told_what_is_open() -> None:
    talk, reader = shop()
    reader.table |= {"quiero": (AnswerIntent("comprar"),)}
    await talk.say("quiero")
    await talk.say("?")
    context = reader.contexts[-1]
    assert (context.asking, context.flow) == ("pack", "pedido")
    assert context.options == {"uno": "Uno", "dos": "Dos"}


async def test_long_messages_are_cut_before_they_are_read() -> None:
    talk, _ = shop()
    decision = await talk.say("a" * 4000)
    assert decision is not None
    assert any("characters were read" in rule for rule in decision.explanation["rules"])


async def test_every_decision_explains_itself_in_json() -> None:
    talk, reader = shop()
    decision = await to_summary(talk, reader)
    told = json.loads(json.dumps(decision.explanation))
    assert told["reading"]["commands"] == [
        {"is": "SetSlot", "slot": "nombre", "value": "Ana", "text": "", "correction": False}
    ]
    assert told["asks"] == "confirm:pedido"
    assert told["rules"]


async def test_a_recorded_conversation_replays_to_the_same_decisions() -> None:
    talk, reader = shop()
    turns: list[TurnInput] = []
    reader.table |= {"hola": (SmallTalk("greeting"),), "precio": (PRECIO,), "dos": (SetSlot("pack", "dos"),)}
    for text in ("hola", "precio", "dos"):
        turns.append(talk.turn_input((talk.message(text),)))
        await talk.say(text)
    replayed = await asyncio.gather(*(talk.agent.decide(turn) for turn in turns))
    assert [[b.text for b in d.bubbles] for d in replayed] == [[b.text for b in d.bubbles] for d in talk.decisions]


async def test_a_question_that_was_declined_is_open_no_longer() -> None:
    talk, reader = shop('"{facts.envio}", priority: complementary', '"{slots.pack.ask}"')
    reader.table |= {"precio": (PRECIO,), "no": (Deny(),), "👍": (Affirm(),)}
    shown = await talk.say("precio")
    assert shown is not None
    assert shown.bubbles[-1].asks == "pack"
    await talk.say("no")
    decision = await talk.say("👍")
    assert decision is not None
    assert decision.explanation["asks"] is None
    assert "pack" not in talk.state.get("slots", {})
    assert talk.state.get("flow") is None


@pytest.mark.parametrize(
    ("phone", "asked"),
    [("+573001112233", False), ("+576012345678", True), ("+5511987654321", True), (None, True)],
)
async def test_the_number_they_write_from_is_taken_where_it_is_a_mobile_of_the_country(
    tostadora: PlaybookAgent, phone: str | None, asked: bool
) -> None:
    known = {"nombre": "Ana Ruiz", "ciudad": "Cali", "direccion": "Calle 5 # 23-10"}
    talk = Conversation(tostadora, contact=ContactView(phone=phone, fields=known))
    decision = await talk.say("quiero 2 en grano y pago con nequi")
    assert decision is not None
    assert (decision.bubbles[-1].asks == "celular") is asked
    assert talk.state["slots"].get("celular") == (None if asked else phone)


async def test_nothing_is_said_in_the_same_words_twice_in_a_row(tostadora: PlaybookAgent) -> None:
    talk = Conversation(tostadora)
    before: list[str] = []
    for text in ("hola", "cuánto vale?", "y el precio?", "cuánto demora?", "a qué sabe?", "cuánto cuesta la bolsa?"):
        decision = await talk.say(text)
        assert decision is not None
        now = [bubble.text for bubble in decision.bubbles if not bubble.asks]
        assert not set(now) & set(before)
        before = now


async def test_a_question_is_the_last_thing_said(tostadora: PlaybookAgent) -> None:
    decision = await Conversation(tostadora).say("hola cuánto vale y cuánto demora a Tunja y dónde quedan?")
    assert decision is not None
    assert [bool(bubble.asks) for bubble in decision.bubbles] == [*[False] * (len(decision.bubbles) - 1), True]
    assert sum("gratis" in bubble.text for bubble in decision.bubbles) == 1
