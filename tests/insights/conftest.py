"""A shop whose past a test makes up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.history import History, new_history

if TYPE_CHECKING:
    from relevo.store.database import Database


@pytest.fixture
async def history(database: Database) -> History:
    return await new_history(database)
