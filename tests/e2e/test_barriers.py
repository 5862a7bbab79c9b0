"""axe (WCAG 2.2 A and AA) on every page, in both themes, with something to see on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from support.e2e.inbox_view import InboxView

if TYPE_CHECKING:
    from support.e2e.browsing import Window, Windows
    from support.e2e.town import Shop

PAGES = {"/tasks": "tasks", "/insights": "insights", "/settings": "settings", "/nowhere/at/all": "not-found"}


async def look(window: Window, path: str, name: str) -> list[str]:
    await window.go(path)
    await expect(window.page.get_by_role("main")).to_be_visible()
    await loaded(window)
    await window.shot(name)
    return [f"{path}: {one}" for one in await window.violations()]


async def loaded(window: Window) -> None:
    """Wait until there is a heading and nothing is still being fetched; the event stream never ends."""
    await expect(window.page.get_by_role("heading").first).to_be_visible()
    await expect(window.page.locator('[aria-busy="true"], .skeleton')).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_has_barriers(shop: Shop, windows: Windows, scheme: str) -> None:
    beto = shop.customer("Beto Silva")
    await beto.say("hola, ¿cuánto vale el café?")
    await beto.replies(timeout=20)
    await beto.say("quiero hablar con una persona")
    await shop.customer("Luz Mora").say("buenas")
    window = await windows.open(await shop.member("Ana"), scheme=scheme)
    found: list[str] = []
    inbox = await InboxView(window).go()
    await expect(inbox.row("Beto Silva")).to_be_visible()
    found += [f"list: {one}" for one in await window.violations()]
    await inbox.open("Beto Silva")
    await expect(inbox.log.get_by_text("quiero hablar con una persona")).to_be_visible()
    await window.shot(f"chat-{scheme}")
    found += [f"chat: {one}" for one in await window.violations()]
    for path, name in PAGES.items():
        found += await look(window, path, f"{name}-{scheme}")
    for section in await sections(window):
        found += await look(window, section, f"settings-{section.rpartition('/')[2]}-{scheme}")
    stranger = await windows.open(scheme=scheme)
    for path in ("/sign-in", "/set-up", "/invitation/unknown", "/reset/unknown"):
        found += await look(stranger, path, f"{path.split('/')[1]}-{scheme}")
    assert found == [], "\n".join(found)


async def sections(window: Window) -> list[str]:
    """The addresses of the settings' sections, as the page links them."""
    await window.go("/settings")
    await loaded(window)
    links = await window.page.locator('a[href^="/settings/"]').evaluate_all("all => all.map((a) => a.pathname)")
    return sorted(set(links))
