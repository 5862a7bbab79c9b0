"""What events made of the inbox is what it shows when it is loaded anew: in two browsers, whatever happened."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import TimeoutError as ClickTimeoutError
from playwright.async_api import expect

from support.e2e.inbox_view import InboxView

if TYPE_CHECKING:
    from relevo.simulator import Customer
    from support.e2e.browsing import Windows
    from support.e2e.town import Shop

_SAID = ["hola", "¿cuánto vale?", "quiero dos libras", "gracias", "quiero hablar con una persona", "sí", "no, espera"]


@pytest.mark.parametrize("seconds", [8, pytest.param(60, marks=[pytest.mark.slow, pytest.mark.timeout(180)])])
async def test_two_browsers_show_the_same_as_after_a_reload(shop: Shop, windows: Windows, seconds: int) -> None:
    chance = random.Random(seconds)
    people = [shop.customer(f"Cliente {number}") for number in range(6)]
    for one in people:
        await one.say("hola")
    first = await InboxView(await windows.open(await shop.member("Ana"))).go()
    second = await InboxView(await windows.open(await shop.member("Luis", "agent"))).go()
    for inbox in (first, second):
        await expect(inbox.rows).to_have_count(len(people))
    await first.open("Cliente 0")
    await second.open("Cliente 1")
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await something(chance, people, [first, second])
        await asyncio.sleep(chance.uniform(0.05, 0.3))
    for inbox in (first, second):
        await inbox.page.mouse.move(0, 0)  # a pointer over the list holds its order still
    await quiet(shop)
    live = [await seen(inbox) for inbox in (first, second)]
    for inbox in (first, second):
        await inbox.page.reload()
        await expect(inbox.rows).to_have_count(len(people))
        await expect(inbox.log.locator(".bubble").last).to_be_visible()
    await quiet(shop)
    again = [await seen(inbox) for inbox in (first, second)]
    assert live == again
    assert live[0]["rows"] == live[1]["rows"]


async def something(chance: random.Random, people: list[Customer], inboxes: list[InboxView]) -> None:
    """One thing that happens: mostly customers write, now and then somebody at the shop acts."""
    customer, inbox = chance.choice(people), chance.choice(inboxes)
    match chance.choice(["say", "say", "say", "react", "take", "back", "write"]):
        case "say":
            await customer.say(chance.choice(_SAID))
        case "react" if customer.received:
            await customer.react("👍")
        case "take":
            await press(inbox, "Tomar")
        case "back":
            await press(inbox, "Devolver al agente")
        case "write" if await inbox.composer.is_visible():
            await inbox.say(f"nota {chance.randrange(1000)}")
        case _:
            pass


async def press(inbox: InboxView, name: str) -> None:
    button = inbox.page.get_by_role("button", name=name, exact=True).first
    if await button.is_visible():
        with contextlib.suppress(ClickTimeoutError):  # by then somebody else may have pressed it
            await button.click(timeout=1000)


async def quiet(shop: Shop) -> None:
    """Wait until the event log has not grown for two seconds: browsers have had time to fetch what it called dirty."""
    last, since = -1, time.monotonic()
    async with asyncio.timeout(60):
        while time.monotonic() - since < 2:
            rows = await shop.town.rows(
                "select coalesce(max(id), 0) as id from events where workspace_id = %(w)s", w=shop.workspace_id
            )
            if rows[0]["id"] != last:
                last, since = rows[0]["id"], time.monotonic()
            await asyncio.sleep(0.1)


async def seen(inbox: InboxView) -> dict[str, list[str]]:
    """What a person sees: rows with name, gist, holder and marks, and the open chat's bubbles with their ticks."""
    end = inbox.page.get_by_role("button", name="Ir a lo más nuevo")
    if await end.is_visible():
        await end.click()
    await expect(end).not_to_be_visible()
    rows = await inbox.rows.evaluate_all(
        "all => all.map((row) => row.cloneNode(true)).map((row) => {"
        " row.querySelectorAll('time, .waits, .count').forEach((node) => node.remove());"
        " return row.textContent.replace(/\\s+/g, ' ').trim(); })"
    )
    bubbles = await inbox.log.locator(".bubble").evaluate_all(
        "all => all.slice(-8).map((bubble) => bubble.textContent.replace(/\\s+/g, ' ').trim()"
        " + ' ' + [...bubble.querySelectorAll('[title]')].map((node) => node.getAttribute('class')).join(' '))"
    )
    return {"rows": sorted(rows), "bubbles": bubbles}
