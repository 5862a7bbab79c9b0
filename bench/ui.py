"""How the inbox feels in a real browser: first paint, changing the chat, the main thread under 50 updates a second.

    python bench/ui.py [--seconds 10] [--runs 9] [--customers 40]

Medians of runs on this machine, with service, database, WhatsApp's double and browser sharing it.
"""

# The tests' town is not on pyright's path here; it is checked where it stands.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright, expect

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from relevo.store.embedded import attach_sync
from relevo.store.schema import migrate
from support.e2e.browsing import Windows
from support.e2e.inbox_view import InboxView
from support.e2e.town import open_town

if TYPE_CHECKING:
    from relevo.simulator import Customer
    from support.e2e.town import Shop, Town

UPDATES_PER_SECOND = 50
_WATCH = """
() => {
  window.longTasks = [];
  new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((one) => one.duration)))
    .observe({ type: 'longtask', buffered: false });
}
"""
_PAINT = """
() => new Promise((resolve) => new PerformanceObserver((list) => {
  const found = list.getEntries().find((one) => one.name === 'first-contentful-paint');
  if (found) resolve(found.startTime);
}).observe({ type: 'paint', buffered: true }))
"""
_SWITCH = """
(row) => new Promise((resolve) => {
  const began = performance.now();
  const id = row.getAttribute('href').split('/').pop();
  const look = () => {
    const open = location.pathname.endsWith(id) && document.querySelector('[role=log] .bubble');
    if (open) requestAnimationFrame(() => resolve(performance.now() - began));
    else requestAnimationFrame(look);
  };
  row.dispatchEvent(new PointerEvent('pointerenter', { bubbles: true }));
  row.click();
  look();
})
"""


async def measure(town: Town, windows: Windows, arguments: argparse.Namespace) -> dict[str, float]:
    """Return the figures by name; milliseconds, or a share of time."""
    shop = await town.shop()
    people = [shop.customer(f"Cliente {number:03d}") for number in range(arguments.customers)]
    for one in people:
        await one.say("hola, ¿cuánto vale el café?")
    await town.sim.settled(timeout=120)
    window = await windows.open(await shop.member("Ana"))
    inbox = await InboxView(window).go()
    await expect(inbox.rows.first).to_be_visible()
    paints: list[float] = []
    for _ in range(arguments.runs):
        await inbox.page.reload()
        paints.append(await inbox.page.evaluate(_PAINT))
        await expect(inbox.rows.first).to_be_visible()
    switches: list[float] = []
    for number in range(arguments.runs):
        row = await inbox.rows.nth(number % 8).element_handle()
        switches.append(await inbox.page.evaluate(_SWITCH, row))
        await asyncio.sleep(0.2)
    await shop.configure(agent_enabled=False)
    busy = await flood(shop, inbox, people, arguments.seconds)
    return {"first_paint_ms": statistics.median(paints), "chat_switch_ms": statistics.median(switches), **busy}


async def flood(shop: Shop, inbox: InboxView, people: list[Customer], seconds: float) -> dict[str, float]:
    """Let customers write 50 times a second and tell how busy the page was."""
    del shop
    devtools = await inbox.page.context.new_cdp_session(inbox.page)
    await devtools.send("Performance.enable")
    await inbox.page.evaluate(_WATCH)
    before = await task_seconds(devtools)
    began = time.monotonic()
    written = 0
    while (now := time.monotonic()) - began < seconds:
        while written < (now - began) * UPDATES_PER_SECOND:
            await people[written % len(people)].say(f"mensaje {written}")
            written += 1
        await asyncio.sleep(0.01)
    elapsed = time.monotonic() - began
    long_tasks: list[float] = await inbox.page.evaluate("longTasks")
    return {
        "updates_per_second": written / elapsed,
        "main_thread_busy_share": (await task_seconds(devtools) - before) / elapsed,
        "long_tasks": len(long_tasks),
        "longest_task_ms": max(long_tasks, default=0.0),
    }


async def task_seconds(devtools: Any) -> float:  # noqa: ANN401 - Playwright's session, whose answers have no types
    """Return how long the page's main thread has worked since it was opened."""
    answer = await devtools.send("Performance.getMetrics")
    return next(float(one["value"]) for one in answer["metrics"] if one["name"] == "TaskDuration")


async def run(arguments: argparse.Namespace, database_url: str, logs: Path) -> dict[str, float]:
    """Start everything, measure, stop everything."""
    chromium = shutil.which(arguments.chromium)
    if chromium is None:
        sys.exit("no Chromium found: apt install chromium, or name one with --chromium")
    async with open_town(database_url, logs) as town, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        windows = Windows(browser, town, "bench")
        try:
            return await measure(town, windows, arguments)
        finally:
            await windows.close(failed=False)
            await browser.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--customers", type=int, default=40)
    parser.add_argument("--chromium", default="chromium")
    arguments = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="relevo-bench-ui-", dir="/tmp"))
    directory.chmod(0o755)
    attached = attach_sync(directory / "data", durable=False)
    try:
        migrate(attached.url)
        for name, value in asyncio.run(run(arguments, attached.url, directory)).items():
            print(f"{name:<24} {value:10.2f}")
    finally:
        attached.detach()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
