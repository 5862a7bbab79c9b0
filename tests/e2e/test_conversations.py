"""Conversations in the inbox while they happen: reading along, stepping in, handing back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from playwright.async_api import expect

from support.e2e.inbox_view import InboxView

if TYPE_CHECKING:
    from relevo.simulator import Customer
    from support.e2e.browsing import Windows
    from support.e2e.town import Shop

SLOW = {"timer_preset": "real", "response_speed": 0.5}
"""An agent that types for some seconds before each bubble."""


async def heard(customer: Customer, text: str) -> None:
    """Wait until the customer's phone shows a message with this in it."""
    async with asyncio.timeout(20):
        while not any(text in one.text for one in customer.received):  # noqa: ASYNC110 - the phone tells nobody
            await asyncio.sleep(0.05)


async def settled(shop: Shop) -> None:
    """Wait until the shop has nothing more to say and nothing more to do."""
    async with asyncio.timeout(40):
        while (  # noqa: ASYNC110 - the database tells nobody
            await shop.town.rows(
                "select (select count(*) from messages m join conversations c on c.id = m.conversation_id"
                " where c.workspace_id = %(w)s and (m.state in ('planned', 'sending', 'unknown')"
                "   or m.direction = 'in' and m.outcome is null)) as open",
                w=shop.workspace_id,
            )
        )[0]["open"]:
            await asyncio.sleep(0.1)


async def test_a_customer_who_writes_is_seen_being_answered(shop: Shop, windows: Windows) -> None:
    window = await windows.open(await shop.member("Ana"))
    inbox = await InboxView(window).go()
    await expect(inbox.page.get_by_text("Aún no hay conversaciones")).to_be_visible()
    await window.shot("inbox-empty")
    beto = shop.customer("Beto Silva")
    await beto.say("hola, buenos días")
    await expect(inbox.row("Beto Silva")).to_be_visible()
    await inbox.open("Beto Silva")
    await expect(inbox.log.get_by_text("hola, buenos días")).to_be_visible()
    await expect(inbox.log.get_by_text("Agente", exact=True).first).to_be_visible()
    await beto.say("¿cuánto vale el café?")
    await expect(inbox.log.get_by_text("¿cuánto vale el café?")).to_be_visible()
    await beto.replies(timeout=20)
    await expect(inbox.log.get_by_text(beto.received[-1].text.splitlines()[0]).last).to_be_visible()
    await window.shot("inbox-live-reply")


async def test_after_a_takeover_in_mid_turn_nothing_of_the_agents_appears(shop: Shop, windows: Windows) -> None:
    await shop.configure(**SLOW)
    window = await windows.open(await shop.member("Ana"))
    inbox = await InboxView(window).go()
    beto = shop.customer("Beto Silva")
    await beto.say("hola, ¿cuánto vale el café?")
    await inbox.open("Beto Silva")
    await expect(inbox.log.get_by_text("El agente está escribiendo")).to_be_attached()
    await window.shot("inbox-agent-types")
    await inbox.take_over()
    said = len(beto.received)
    await settled(shop)
    await expect(inbox.log.get_by_text("El agente está escribiendo")).not_to_be_attached()
    assert len(beto.received) == said
    await inbox.say("Hola Beto, te atiendo yo")
    await heard(beto, "te atiendo yo")
    assert len(beto.received) == said + 1
    await expect(inbox.log.get_by_text("Hola Beto, te atiendo yo")).to_be_visible()
    await window.shot("inbox-taken-over")


async def test_handed_back_the_agent_answers_what_is_open(shop: Shop, windows: Windows) -> None:
    window = await windows.open(await shop.member("Ana"))
    inbox = await InboxView(window).go()
    beto = shop.customer("Beto Silva")
    await beto.say("hola")
    await inbox.open("Beto Silva")
    await beto.replies(timeout=20)
    await inbox.take_over()
    await settled(shop)
    before = len(beto.received)
    await beto.say("¿qué precios tienen?")
    await expect(inbox.log.get_by_text("¿qué precios tienen?")).to_be_visible()
    assert len(beto.received) == before
    await inbox.hand_back()
    await beto.replies(timeout=20)
    assert len(beto.received) > before


async def test_a_chats_switch_keeps_the_agent_silent_until_it_is_on_again(shop: Shop, windows: Windows) -> None:
    window = await windows.open(await shop.member("Ana", "agent"))
    inbox = await InboxView(window).go()
    beto = shop.customer("Beto Silva")
    await beto.say("hola")
    await beto.replies(timeout=20)
    await inbox.open("Beto Silva")
    await inbox.switch_agent(on=False)
    await settled(shop)
    before = len(beto.received)
    await beto.say("¿qué precios tienen?")
    await settled(shop)
    await expect(inbox.log.get_by_text("¿qué precios tienen?")).to_be_visible()
    assert len(beto.received) == before
    await inbox.switch_agent(on=True)
    await beto.replies(timeout=20)


async def test_what_is_written_is_answered_with_ticks_and_a_draft_waits(shop: Shop, windows: Windows) -> None:
    await shop.configure(agent_enabled=False)
    window = await windows.open(await shop.member("Ana"))
    inbox = await InboxView(window).go()
    beto, luz = shop.customer("Beto Silva"), shop.customer("Luz Mora")
    await beto.say("hola")
    await luz.say("buenas")
    await inbox.open("Beto Silva")
    await inbox.say("Hola Beto, ¿en qué te ayudo?")
    await heard(beto, "¿en qué te ayudo?")
    await expect(inbox.log.get_by_title("Leído").or_(inbox.log.get_by_label("Leído")).first).to_be_attached()
    await inbox.composer.fill("Un momento que reviso")
    await inbox.open("Luz Mora")
    await expect(inbox.composer).to_have_value("")
    await expect(inbox.row("Beto Silva").get_by_text("Borrador")).to_be_visible()
    await inbox.page.reload()
    await inbox.open("Beto Silva")
    await expect(inbox.composer).to_have_value("Un momento que reviso")


async def test_a_handoff_brings_a_task_and_whoever_ends_it_hands_back(shop: Shop, windows: Windows) -> None:
    ana = await shop.member("Ana")
    window = await windows.open(ana)
    inbox = await InboxView(window).go()
    beto = shop.customer("Beto Silva")
    await beto.say("quiero hablar con una persona")
    await expect(inbox.row("Beto Silva").get_by_label("Tarea abierta")).to_be_visible()
    await inbox.page.get_by_role("button", name="Con tarea").click()
    await inbox.open("Beto Silva")
    await expect(inbox.page.get_by_text("Tarea asignada a Ana").first).to_be_visible()
    await window.shot("inbox-task")
    await settled(shop)
    end = inbox.page.get_by_role("button", name="Terminar y devolver al agente")
    await end.click()
    await expect(end).not_to_be_visible()
    await expect(inbox.page.get_by_role("button", name="Tomar", exact=True).first).to_be_visible()
    await inbox.page.get_by_role("button", name="Todas").click()
    await expect(inbox.row("Beto Silva").get_by_label("Tarea abierta")).not_to_be_visible()
    await beto.say("¿qué precios tienen?")
    await beto.replies(timeout=20)
