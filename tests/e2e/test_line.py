"""The line between browser and service breaks, and the service itself: nothing written or said is lost to the eye."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from playwright.async_api import expect

from support.e2e.inbox_view import InboxView

if TYPE_CHECKING:
    from support.e2e.browsing import Windows
    from support.e2e.town import Shop, Town

OFFLINE = "Sin conexión"


async def test_what_happens_while_the_line_is_down_is_there_when_it_is_back(shop: Shop, windows: Windows) -> None:
    await shop.configure(agent_enabled=False)
    line = await windows.line()
    window = await windows.open(await shop.member("Ana"), url=line.url)
    inbox = await InboxView(window).go()
    beto, luz = shop.customer("Beto Silva"), shop.customer("Luz Mora")
    await beto.say("hola")
    await inbox.open("Beto Silva")
    await expect(inbox.log.get_by_text("hola", exact=True)).to_be_visible()
    line.cut()
    await expect(inbox.page.get_by_text(OFFLINE)).to_be_visible()
    await window.shot("line-down")
    await beto.say("¿siguen ahí?")
    await luz.say("soy nueva")
    await inbox.say("Aquí sigo, Beto")
    await expect(inbox.log.get_by_text("Aquí sigo, Beto")).to_be_visible()
    assert beto.received == []
    line.mend()
    await expect(inbox.log.get_by_text("¿siguen ahí?")).to_be_visible()
    await expect(inbox.row("Luz Mora")).to_be_visible()
    await beto.replies(timeout=20)
    await expect(inbox.page.get_by_text(OFFLINE)).not_to_be_visible()
    await expect(inbox.log.get_by_text("Aquí sigo, Beto")).to_have_count(1)
    assert [one.text for one in beto.received] == ["Aquí sigo, Beto"]


async def test_what_was_sent_without_a_line_survives_a_reload_and_leaves_once(shop: Shop, windows: Windows) -> None:
    await shop.configure(agent_enabled=False)
    line = await windows.line()
    window = await windows.open(await shop.member("Ana"), url=line.url)
    inbox = await InboxView(window).go()
    beto = shop.customer("Beto Silva")
    await beto.say("hola")
    await inbox.open("Beto Silva")
    await expect(inbox.composer).to_be_editable()
    line.cut()
    await inbox.say("Esto sale después")
    await expect(inbox.log.get_by_text("Esto sale después")).to_be_visible()
    await inbox.page.goto("about:blank")
    line.mend()
    await inbox.go(f"/c/{await shop.conversation(beto)}")
    await expect(inbox.log.get_by_text("Esto sale después")).to_be_visible()
    await beto.replies(timeout=20, quiet=1)
    assert [one.text for one in beto.received] == ["Esto sale después"]
    await expect(inbox.log.get_by_text("Esto sale después")).to_have_count(1)


async def said(town: Town, shop: Shop) -> None:
    """Wait until the agent has said all it has to say."""
    open_still = "select from messages where workspace_id = %(id)s and state in ('planned', 'sending', 'unknown')"
    async with asyncio.timeout(30):
        while await town.rows(open_still, id=shop.workspace_id):  # noqa: ASYNC110 - the database is asked, nobody tells
            await asyncio.sleep(0.1)


async def test_the_service_may_restart_under_an_open_inbox(shop: Shop, town: Town, windows: Windows) -> None:
    window = await windows.open(await shop.member("Ana"))
    inbox = await InboxView(window).go()
    beto = shop.customer("Beto Silva")
    await beto.say("hola")
    await inbox.open("Beto Silva")
    await beto.replies(timeout=20)
    await said(town, shop)  # what dies on the wire waits half a minute for a status
    await town.service.stop(kill=True)
    await expect(inbox.page.get_by_text(OFFLINE)).to_be_visible()
    await beto.say("¿cuánto vale?")  # WhatsApp keeps trying
    await town.service.start()
    await expect(inbox.log.get_by_text("¿cuánto vale?")).to_be_visible(timeout=30_000)
    await beto.replies(timeout=30)
    await expect(inbox.log.get_by_text(beto.received[-1].text.splitlines()[0]).last).to_be_visible()
    await expect(inbox.page.get_by_text(OFFLINE)).not_to_be_visible()


async def test_two_tabs_share_one_stream_and_outlive_each_other(shop: Shop, windows: Windows) -> None:
    await shop.configure(agent_enabled=False)
    first = await windows.open(await shop.member("Ana"))
    second = await windows.another(first)
    asked: list[str] = []
    for window in (first, second):
        window.page.on("request", lambda request: asked.append(request.url))
    one, other = await InboxView(first).go(), await InboxView(second).go()
    beto = shop.customer("Beto Silva")
    await beto.say("hola")
    await expect(one.row("Beto Silva")).to_be_visible()
    await expect(other.row("Beto Silva")).to_be_visible()
    assert len([url for url in asked if "/api/v1/events" in url]) == 1
    await first.page.close()
    await beto.say("¿hay alguien?")
    await expect(other.row("Beto Silva").get_by_text("¿hay alguien?")).to_be_visible()


async def test_what_happens_while_another_page_is_open_is_there_on_return(shop: Shop, windows: Windows) -> None:
    await shop.configure(agent_enabled=False)
    window = await windows.open(await shop.member("Ana"))
    inbox = await InboxView(window).go()
    beto, luz = shop.customer("Beto Silva"), shop.customer("Luz Mora")
    await beto.say("hola")
    await inbox.open("Beto Silva")
    await inbox.page.get_by_role("link", name="Tareas").click()
    await expect(inbox.log).not_to_be_attached()
    await beto.say("sigo aquí")
    await luz.say("buenas")
    await shop.town.sim.delivered()
    await shop.conversation(luz)
    await asyncio.sleep(1)  # for the events to pass while nobody listens
    await inbox.page.get_by_role("link", name="Bandeja").click()
    await expect(inbox.row("Luz Mora")).to_be_visible()
    await inbox.open("Beto Silva")
    await expect(inbox.log.get_by_text("sigo aquí")).to_be_visible()
