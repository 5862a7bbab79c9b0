"""Puts together what a serving process needs for Inngest: client, relay, engine and endpoint."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import TYPE_CHECKING

import structlog

from relevo.durable.actor import RELAY, Behaviour
from relevo.durable.inngest.client import EventApi, create_client, dev_mode_by_accident
from relevo.durable.inngest.endpoint import Endpoint
from relevo.durable.inngest.engine import InngestEngine
from relevo.durable.inngest.functions import create_functions
from relevo.durable.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inngest import Inngest
    from starlette.routing import BaseRoute

    from relevo.store.database import Database

log = structlog.get_logger(__name__)


class InngestParts:
    """One process's part of running on Inngest."""

    def __init__(
        self,
        database: Database,
        behaviours: Mapping[str, Behaviour],
        client: Inngest | None = None,
        *,
        lease_seconds: float,
        max_runs: int,
    ) -> None:
        """Set up from `client`, or from the environment.

        Raises:
            ConfigurationError: a key is missing or cannot be one.

        """
        client = client or create_client(app_version=version("relevo"))
        if dev_mode_by_accident(client):
            log.warning(
                "INNGEST_DEV is set: calls are not checked for a signature although INNGEST_SIGNING_KEY is there"
            )
        self._events = EventApi(client)
        self.relay = Relay(database, self._events)
        everything = {**behaviours, RELAY: Behaviour(self.relay.run, self.relay.give_up)}
        self.engine = InngestEngine(database, everything, lease_seconds=lease_seconds, max_runs=max_runs)
        self.endpoint = Endpoint(client, create_functions(client, self.engine))

    def routes(self) -> list[BaseRoute]:
        """Return what to mount."""
        return self.endpoint.routes()

    async def start(self) -> None:
        """Put the relay on its round."""
        await self.relay.start()

    async def run(self) -> None:
        """Work until the engine is stopped."""
        introducing = asyncio.create_task(self.endpoint.introduce())
        try:
            await self.engine.run()
        finally:
            introducing.cancel()
            await asyncio.gather(introducing, return_exceptions=True)

    async def close(self) -> None:
        """Let go of connections."""
        await self._events.close()
        await self.endpoint.close()
