"""The page on which one writes as a customer, in a browser, against the real service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from relevo.simulator.outgoing import Choice, Outgoing

if TYPE_CHECKING:
    from support.e2e.browsing import Windows
    from support.e2e.town import Shop


async def test_whoever_writes_there_is_answered_there(shop: Shop, windows: Windows) -> None:
    window = await windows.open(url=shop.town.sim.base_url, phone=True)
    page = await window.go("/phone")
    await page.get_by_label("Nombre").fill("Ana Rojas")
    await page.get_by_label("Número de WhatsApp").fill("+57 300 555 0101")
    await page.get_by_label("Escribir a").select_option(shop.number.phone_number_id)
    await window.shot("phone-people")
    await page.get_by_role("button", name="Abrir el chat").tap()
    await expect(page.get_by_role("heading", name=shop.number.name)).to_be_visible()
    await page.get_by_role("textbox", name="Mensaje").fill("hola, buenos días")
    await page.get_by_role("textbox", name="Mensaje").press("Enter")
    log = page.get_by_role("log")
    await expect(log.get_by_text("hola, buenos días")).to_be_visible()
    await expect(log.locator(".theirs .bubble").first).to_be_visible()
    await expect(log.locator(".mine").get_by_text("Entregado")).to_have_count(1)
    await window.shot("phone-chat")
    await page.get_by_role("button", name="Volver a los chats").tap()
    await expect(page.get_by_role("link", name="Ana Rojas")).to_be_visible()


async def test_buttons_and_rows_can_be_tapped_and_a_draft_waits(shop: Shop, windows: Windows) -> None:
    await shop.configure(agent_enabled=False)
    customer = shop.customer("Ana")
    await customer.say("hola")
    choices = (Choice("a", "Una libra", "500 g"), Choice("b", "Dos libras"))
    body = {"type": "interactive", "interactive": {"type": "list", "action": {"button": "Ver packs"}}}
    customer.receive("wamid.list", Outgoing(customer.key, "interactive", "Elige", body, choices=choices), 1.0)
    window = await windows.open(url=shop.town.sim.base_url, locale="en-GB")
    page = await window.go(f"/phone#{customer.key}/{shop.number.phone_number_id}")
    await page.get_by_role("button", name="Ver packs").click()
    await page.get_by_role("dialog").get_by_role("button", name="Una libra").click()
    await expect(page.get_by_role("log").locator(".mine").get_by_text("Una libra")).to_be_visible()
    await page.get_by_role("button", name="Reply: Elige").click()
    await page.get_by_role("textbox", name="Message").fill("and this one")
    await page.reload()
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("and this one")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log").get_by_text("and this one")).to_be_visible()
    assert [one.text for one in shop.town.sim.ledger.inbounds if one.customer == customer.key] == [
        "hola", "Una libra", "and this one",
    ]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_has_no_barriers(shop: Shop, windows: Windows, scheme: str) -> None:
    await shop.configure(agent_enabled=False)
    customer = shop.customer("Ana")
    await customer.say("hola, *mira* https://example.com")
    await customer.send_image(caption="foto")
    buttons = {"type": "interactive", "interactive": {"type": "button"}}
    choices = (Choice("a", "Sí"),)
    customer.receive("wamid.b", Outgoing(customer.key, "interactive", "¿Sí?", buttons, choices=choices), 1.0)
    window = await windows.open(url=shop.town.sim.base_url, scheme=scheme)
    page = await window.go("/phone")
    await expect(page.get_by_role("link", name="Ana").first).to_be_visible()
    assert await window.violations() == []
    await window.go(f"/phone#{customer.key}/{shop.number.phone_number_id}")
    await expect(page.get_by_role("button", name="Sí", exact=True)).to_be_visible()
    await window.shot(f"phone-chat-{scheme}")
    assert await window.violations() == []
