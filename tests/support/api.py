"""The API of a service that runs on a socket, asked with a token."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx2

from relevo.crm.workspaces import create_token

if TYPE_CHECKING:
    import uuid
    from collections.abc import AsyncGenerator

    from support.service import Service


@asynccontextmanager
async def api_of(service: Service, member_id: uuid.UUID | None = None) -> AsyncGenerator[httpx2.AsyncClient]:
    """Ask as `member_id`, where that is given."""
    async with service.relevo.database.transaction() as connection:
        token = await create_token(connection, service.workspace_id, "test")
    headers = {"Authorization": f"Bearer {token}"}
    if member_id is not None:
        headers["Relevo-Member"] = str(member_id)
    async with httpx2.AsyncClient(base_url=f"{service.url}/api/v1", headers=headers, timeout=20) as http:
        yield http
