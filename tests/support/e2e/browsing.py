"""Browsers in tests: a person's windows, what they complain of, and axe's opinion of what they show."""

from __future__ import annotations

import re
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.e2e.tcp_proxy import Line

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize

    from support.e2e.town import Member, Town

ROOT = Path(__file__).parents[3]
OUTPUT = ROOT / "test-output" / "e2e"
AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_EXPECTED = re.compile(r"Failed to load resource|net::ERR_|WebSocket|EventSource")
"""What a browser says by itself of lines that are down and of errors answered: tests look at the page for these."""


class Window:
    """One page of one person, in a browser profile of its own."""

    def __init__(self, page: Page, context: BrowserContext, url: str, name: str) -> None:
        self.page = page
        self.context = context
        self.url = url
        self.name = name
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))

    async def go(self, path: str = "/") -> Page:
        await self.page.goto(f"{self.url}{path}")
        return self.page

    async def shot(self, name: str) -> None:
        """Keep a picture, to be looked at."""
        OUTPUT.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=OUTPUT / f"{name}.png")

    async def violations(self) -> list[str]:
        """What axe has against what is on the screen now, WCAG 2.2 A and AA; one line for each rule and element."""
        await self.page.evaluate(AXE.read_text("utf-8"))
        result: dict[str, Any] = await self.page.evaluate(
            "(tags) => axe.run(document, { runOnly: tags, resultTypes: ['violations'] })", _WCAG
        )
        return [
            f"{found['id']} ({found['help']}): {node['target']} {node.get('failureSummary', '')[:300]}"
            for found in result["violations"]
            for node in found["nodes"]
        ]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not _EXPECTED.search(message.text):
            self.complaints.append(f"{message.type}: {message.text}")


class Windows:
    """Opens windows for one test and closes them after it."""

    def __init__(self, browser: Browser, town: Town, test: str) -> None:
        self._browser = browser
        self._town = town
        self._test = test
        self._stack = AsyncExitStack()
        self.opened: list[Window] = []

    async def open(
        self, member: Member | None = None, *, url: str | None = None, phone: bool = False, scheme: Any = "light",
        locale: str = "es-CO", **options: Any,
    ) -> Window:  # fmt: skip
        """Open a window, signed in as `member`."""
        url = url or self._town.url
        context = await self._browser.new_context(
            viewport=PHONE if phone else WIDE, is_mobile=phone, has_touch=phone, locale=locale, color_scheme=scheme,
            timezone_id="America/Bogota", reduced_motion="reduce", **options,
        )  # fmt: skip
        context.set_default_timeout(15_000)
        self._stack.push_async_callback(context.close)
        if member is not None:
            token = await self._town.session(member)
            await context.add_cookies([{
                "name": "relevo_session", "value": token, "domain": "127.0.0.1", "path": "/", "httpOnly": True,
                "sameSite": "Lax",
            }])  # fmt: skip
        window = Window(await context.new_page(), context, url, f"{self._test}-{len(self.opened) + 1}")
        self.opened.append(window)
        return window

    async def another(self, window: Window) -> Window:
        """Open a second tab beside this one, in the same browser."""
        tab = Window(
            await window.context.new_page(), window.context, window.url, f"{self._test}-{len(self.opened) + 1}"
        )
        self.opened.append(tab)
        return tab

    async def line(self) -> Line:
        """Lay a line to the service that can be cut."""
        return await self._stack.enter_async_context(Line(self._town.service.port))

    async def close(self, *, failed: bool) -> None:
        """Close all; after a failure, keep what they showed."""
        if failed:
            for window in self.opened:
                if not window.page.is_closed():
                    await window.shot(f"failed-{window.name}")
        await self._stack.aclose()

    @property
    def complaints(self) -> list[str]:
        return [complaint for window in self.opened for complaint in window.complaints]
