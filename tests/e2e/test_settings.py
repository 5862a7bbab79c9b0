"""What is set in the inbox is what customers meet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.async_api import expect

from support.e2e.inbox_view import InboxView

if TYPE_CHECKING:
    from support.e2e.browsing import Windows
    from support.e2e.town import Shop


async def test_the_shop_is_switched_off_and_on_in_its_settings(shop: Shop, windows: Windows) -> None:
    window = await windows.open(await shop.member("Ana"))
    page = await window.go("/settings/agent")
    switch = page.get_by_role("switch").first
    await expect(switch).to_be_checked()
    await switch.click()
    await page.get_by_role("dialog").get_by_role("button", name=re.compile("Apagar")).click()
    await expect(switch).not_to_be_checked()
    beto = shop.customer("Beto Silva")
    await beto.say("hola")
    inbox = await InboxView(window).go()
    await inbox.open("Beto Silva")
    await expect(inbox.log.get_by_text("hola", exact=True)).to_be_visible()
    assert beto.received == []
    await window.go("/settings/agent")
    await expect(switch).not_to_be_checked()
    await switch.click()
    await expect(switch).to_be_checked()
    await beto.say("¿hay alguien?")
    await beto.replies(timeout=20)


async def test_a_changed_handoff_message_is_kept(shop: Shop, windows: Windows) -> None:
    window = await windows.open(await shop.member("Ana"))
    page = await window.go("/settings/agent")
    message = page.get_by_label("Lo que se le dice al cliente")
    await message.fill("Ya te paso con Luz, de la tienda.")
    await window.shot("settings-agent-unsaved")
    await page.get_by_role("button", name="Guardar").click()
    await expect(page.get_by_role("button", name="Guardar")).not_to_be_visible()
    await page.reload()
    await expect(message).to_have_value("Ya te paso con Luz, de la tienda.")
    rows = await shop.town.rows(
        "select handoff_message from agent_configs where workspace_id = %(w)s", w=shop.workspace_id
    )
    assert rows[0]["handoff_message"] == "Ya te paso con Luz, de la tienda."
