"""Real browser, real service, real database, WhatsApp's double. Everything is started once for all tests here."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

import psycopg
import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect
from sqlalchemy.engine import make_url

from relevo.web.inbox_files import INBOX
from support.e2e.browsing import OUTPUT, Windows
from support.e2e.town import open_town

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from playwright.async_api import Browser

    from support.e2e.town import Shop, Town

REQUIRED = "RELEVO_CHROMIUM"
"""Names the browser; once it is set, a missing one is a failure."""
failed = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests in one event loop: what they share is expensive."""
    for item in items:
        if item.path.parent.name == "e2e":
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether the test failed, for its windows."""
    report = yield
    if report.when == "call":
        item.stash[failed] = report.failed
    return report


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program."""
    named = os.environ.get(REQUIRED)
    found = next(
        (path for name in ([named] if named else ["chromium", "google-chrome"]) if (path := shutil.which(name))), None
    )
    if found is None and named:
        pytest.fail(f"{REQUIRED}={named}: there is no such program")
    if found is None:
        pytest.skip(f"no Chromium found: apt install chromium, or name one in {REQUIRED}")
    if not (INBOX / "index.html").is_file():
        pytest.fail("the inbox has not been built: make inbox")
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncGenerator[Browser]:
    expect.set_options(timeout=15_000)
    async with async_playwright() as playwright:
        # The sandbox needs what a container seldom grants; the only pages opened are our own.
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def town(chromium: str, postgres: str, template: str) -> AsyncGenerator[Town]:
    del chromium  # without a browser, nothing is started
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"create database e2e template {template} strategy file_copy".encode())
    url = make_url(postgres).set(database="e2e").render_as_string(hide_password=False)
    async with open_town(url, OUTPUT) as town:
        yield town


@pytest_asyncio.fixture(loop_scope="session")
async def shop(town: Town) -> Shop:
    """A shop of the test's own, whose agent answers at once."""
    return await town.shop()


@pytest_asyncio.fixture(loop_scope="session")
async def windows(browser: Browser, town: Town, request: pytest.FixtureRequest) -> AsyncGenerator[Windows]:
    """Opens windows; in the end, none may have complained in its console."""
    windows = Windows(browser, town, re.sub(r"\W+", "-", request.node.name).strip("-"))
    yield windows
    went_wrong = request.node.stash.get(failed, True)
    await windows.close(failed=went_wrong)
    if not went_wrong:
        assert windows.complaints == []
