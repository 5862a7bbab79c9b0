"""Getting into the inbox, and out of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.async_api import expect

if TYPE_CHECKING:
    from support.e2e.browsing import Windows
    from support.e2e.town import Shop


async def test_a_member_signs_in_with_the_keyboard_alone_and_lands_where_they_were_going(
    shop: Shop, windows: Windows
) -> None:
    ana = await shop.member("Ana")
    window = await windows.open()
    page = await window.go("/tasks")
    await expect(page).to_have_url(re.compile("/sign-in"))
    await page.get_by_label("Correo").focus()
    await page.keyboard.type(ana.email)
    await page.keyboard.press("Tab")
    await page.keyboard.type(ana.password)
    await window.shot("sign-in")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{window.url}/tasks")
    await expect(page.get_by_role("navigation", name="Principal")).to_be_visible()


async def test_a_wrong_password_is_told_and_nothing_more(shop: Shop, windows: Windows) -> None:
    ana = await shop.member("Ana")
    page = await (await windows.open()).go("/")
    for email in (ana.email, "nobody@shop.example"):
        await page.get_by_label("Correo").fill(email)
        await page.get_by_label("Contraseña").fill("not the password")
        await page.get_by_role("button", name="Entrar").click()
        await expect(page.get_by_text("contraseña", exact=False).last).to_be_visible()
        await expect(page).to_have_url(re.compile("/sign-in"))


async def test_who_signs_out_is_a_stranger_again(shop: Shop, windows: Windows) -> None:
    window = await windows.open(await shop.member("Ana"))
    page = await window.go("/")
    await page.get_by_role("button", name="Cuenta de Ana").click()
    await window.shot("account-menu")
    await page.get_by_role("button", name="Salir").click()
    await expect(page).to_have_url(re.compile("/sign-in"))
    await window.go("/")
    await expect(page.get_by_label("Contraseña")).to_be_visible()
