"""On a phone one thing at a time; without a mouse, everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from support.e2e.inbox_view import InboxView

if TYPE_CHECKING:
    from support.e2e.browsing import Windows
    from support.e2e.town import Shop


async def test_a_phone_shows_list_or_chat(shop: Shop, windows: Windows) -> None:
    await shop.configure(agent_enabled=False)
    beto = shop.customer("Beto Silva")
    await beto.say("hola, *quiero* café")
    window = await windows.open(await shop.member("Ana"), phone=True)
    inbox = await InboxView(window).go()
    await expect(inbox.row("Beto Silva")).to_be_visible()
    await expect(inbox.page.get_by_role("navigation", name="Principal")).to_be_visible()
    await window.shot("phone-list")
    await inbox.row("Beto Silva").tap()
    await expect(inbox.log).to_be_visible()
    await expect(inbox.row("Beto Silva")).not_to_be_visible()
    await expect(inbox.page.get_by_role("navigation", name="Principal")).not_to_be_visible()
    await window.shot("phone-inbox-chat")
    width, seen = await inbox.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= seen
    await inbox.composer.fill("¡Claro!")
    await inbox.page.get_by_role("button", name="Enviar").tap()
    await beto.replies(timeout=20)
    await inbox.page.get_by_role("button", name="Volver a la lista").tap()
    await expect(inbox.row("Beto Silva")).to_be_visible()


async def test_a_morning_without_a_mouse(shop: Shop, windows: Windows) -> None:
    await shop.configure(agent_enabled=False)
    beto, luz = shop.customer("Beto Silva"), shop.customer("Luz Mora")
    await beto.say("hola")
    window = await windows.open(await shop.member("Ana"))
    inbox = await InboxView(window).go()
    keys = inbox.page.keyboard
    await expect(inbox.row("Beto Silva")).to_be_visible()
    await luz.say("buenas, ¿tienen molido?")
    await expect(inbox.row("Luz Mora")).to_be_visible()
    await keys.press("?")
    await expect(inbox.page.get_by_role("dialog")).to_be_visible()
    await window.shot("shortcuts")
    await keys.press("Escape")
    await expect(inbox.page.get_by_role("dialog")).not_to_be_visible()
    await keys.press("j")
    await keys.press("Enter")
    await expect(inbox.chat("Luz Mora")).to_be_visible()
    await inbox.composer.focus()
    await keys.type("Sí, molido y en grano")
    await keys.press("Enter")
    await luz.replies(timeout=20)
    await keys.press("Escape")
    await keys.press("j")
    await keys.press("Enter")
    await expect(inbox.chat("Beto Silva")).to_be_visible()
    await inbox.page.locator("body").press("/")
    await expect(inbox.page.get_by_role("searchbox")).to_be_focused()
    await keys.type("molido")
    await expect(inbox.page.get_by_text("Luz Mora").first).to_be_visible()
    await window.shot("search")
