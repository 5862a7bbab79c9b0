"""Both engines: the local one, and Inngest's double."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.inngest_double import InngestDouble

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@pytest.fixture
async def inngest() -> AsyncGenerator[InngestDouble]:
    """A well-behaved Inngest server."""
    async with InngestDouble() as double:
        yield double


@pytest.fixture(params=["local", "inngest"])
async def engine(request: pytest.FixtureRequest) -> AsyncGenerator[InngestDouble | None]:
    """One engine after the other; None stands for the local one."""
    if request.param == "local":
        yield None
        return
    async with InngestDouble() as double:
        yield double
