"""The inbox as somebody sees it, in words: find a conversation, read, write, take over. By roles and labels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from support.e2e.browsing import Window


class InboxView:
    """The conversations' page of one window, in Spanish."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.page: Page = window.page

    @property
    def rows(self) -> Locator:
        return self.page.get_by_role("navigation", name="Conversaciones").get_by_role("link")

    def row(self, customer: str) -> Locator:
        return self.rows.filter(has_text=customer)

    def chat(self, customer: str) -> Locator:
        return self.page.get_by_role("region", name=customer, exact=True)

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log", name="Mensajes")

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name="Escribir mensaje")

    async def go(self, path: str = "/") -> InboxView:
        await self.window.go(path)
        return self

    async def open(self, customer: str) -> Locator:
        """Open a customer's conversation from the list."""
        await self.row(customer).click()
        await expect(self.log).to_be_visible()
        await self.page.mouse.move(700, 450)  # a pointer over the list holds its order still
        return self.chat(customer)

    async def say(self, text: str) -> None:
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def take_over(self) -> None:
        await self.page.get_by_role("button", name="Tomar", exact=True).first.click()
        await expect(self.hand_back_button).to_be_visible()

    @property
    def hand_back_button(self) -> Locator:
        return self.page.get_by_role("button", name="Devolver al agente")

    async def hand_back(self) -> None:
        await self.hand_back_button.click()
        await expect(self.page.get_by_role("button", name="Tomar", exact=True).first).to_be_visible()

    async def switch_agent(self, *, on: bool) -> None:
        """Use the switch in the chat's header."""
        await self.page.get_by_role("button", name="Agente en este chat").click()
        switch = self.page.get_by_role("switch", name=re.compile("El agente responde en este chat"))
        await switch.set_checked(on)
        await expect(switch).to_be_checked(checked=on)
        await self.page.keyboard.press("Escape")

    async def texts(self) -> list[str]:
        """What the bubbles say, top to bottom, without times."""
        return [text.strip() for text in await self.log.locator(".bubble").all_inner_texts()]
