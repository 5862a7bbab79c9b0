"""The API of a shop, asked in-process over ASGI; no worker runs unless a test starts one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2
import pytest

from relevo.app import Relevo
from relevo.crm.workspaces import create_token
from relevo.settings import Settings
from relevo.store.secrets import SecretBox
from support.echo_agent import EchoAgent, OneAgent
from support.service import KEY
from support.storefront import Shop, open_shop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from relevo.store.database import Database


@dataclass(frozen=True, slots=True)
class Asked:
    """A shop, and somebody who may ask its API."""

    shop: Shop
    http: httpx2.AsyncClient
    transport: httpx2.ASGITransport


@pytest.fixture
async def api(database_url: str, database: Database) -> AsyncGenerator[Asked]:
    """A shop with a token."""
    secrets = SecretBox(KEY)
    relevo = Relevo(Settings(), database_url=database_url, secrets=secrets, agents=OneAgent(EchoAgent()))
    shop = await open_shop(database)
    async with database.transaction() as connection:
        token = await create_token(connection, shop.workspace_id, "test")
    transport = httpx2.ASGITransport(app=relevo.web())
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://test/api/v1", headers=headers) as client:
        yield Asked(shop, client, transport)
    await relevo.stop()
