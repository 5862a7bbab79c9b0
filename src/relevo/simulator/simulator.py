"""WhatsApp on this machine: numbers, customers, Graph API and webhooks over real HTTP, in the caller's event loop."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Self

import httpx2
from starlette.applications import Starlette

from relevo.simulator.clock import Clock
from relevo.simulator.control import Control, guard
from relevo.simulator.courier import FAST_RETRIES, Courier
from relevo.simulator.faults import Faults
from relevo.simulator.graph import Graph
from relevo.simulator.ledger import Ledger
from relevo.simulator.numbers import Number, Profile, Receipts, Rules
from relevo.simulator.phone_pages import PhonePages
from relevo.simulator.server import LocalServer
from relevo.simulator.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from relevo.simulator.phone import Customer

_OK = 200


class Simulator:
    """An async context manager; while it is open, `base_url` answers as Meta's and 360dialog's API.

    Point a service at `base_url` (`RELEVO_WHATSAPP_API_URL`), tell the simulator the service's webhook with `connect`,
    and let customers write: `await sim.customer("573001234567", name="Ana").say("hola")`. What happened stands in
    `ledger`.
    """

    def __init__(  # noqa: PLR0913 - every option of a simulation, all with defaults
        self,
        *,
        webhook_url: str | None = None,
        numbers: Sequence[Number] = (),
        faults: Faults | None = None,
        rules: Rules | None = None,
        receipts: Receipts | None = None,
        retries: Sequence[float] = FAST_RETRIES,
        webhook_timeout: float = 10.0,
        connections: int = 32,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        numbers = list(numbers) or [Number()]
        self.clock = Clock()
        self.ledger = Ledger()
        self._courier = Courier(
            self.ledger, self.clock, faults or Faults.none(),
            retries=retries, timeout=webhook_timeout, connections=connections,
        )  # fmt: skip
        self.world = World(
            clock=self.clock, ledger=self.ledger, courier=self._courier, faults=faults or Faults.none(),
            rules=rules or Rules(), receipts=receipts or Receipts(), numbers=numbers,
        )  # fmt: skip
        if webhook_url is not None:
            for number in numbers:
                number.webhook_url = webhook_url
        pages = PhonePages(self).routes(guard)
        routes = [*Control(self).routes(), *pages, *Graph(self.world).routes()]
        self._server = LocalServer(Starlette(routes=routes), host, port)
        self._strangers = secrets.randbelow(10**7)

    async def __aenter__(self) -> Self:
        await self._courier.start()
        try:
            await self._server.start()
        except BaseException:
            await self._courier.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.world.close()
        await self._courier.close()
        await self._server.stop()

    @property
    def base_url(self) -> str:
        """The API's base for both providers, without a trailing slash."""
        return self._server.url

    @property
    def numbers(self) -> list[Number]:
        """The business numbers."""
        return list(self.world.numbers.values())

    @property
    def phone_url(self) -> str:
        """Where to write as a customer in a browser."""
        return f"{self.base_url}/phone"

    def connect(self, webhook_url: str, number: str | None = None) -> None:
        """Say where webhooks go, for one number (by phone_number_id) or for all."""
        for one in self.numbers if number is None else [self.world.number(number)]:
            one.webhook_url = webhook_url

    def play(self, faults: Faults) -> None:
        """From now on, these faults."""
        self.world.faults = self._courier.faults = faults

    async def verify_webhook(self, number: str | None = None) -> bool:
        """Make Meta's verification GET; whether the service answered with the challenge."""
        one = self.world.number(number)
        challenge = str(secrets.randbelow(10**10))
        query = {"hub.mode": "subscribe", "hub.verify_token": one.verify_token, "hub.challenge": challenge}
        async with httpx2.AsyncClient(timeout=10) as client:
            response = await client.get(one.webhook_url or "", params=query)
        return response.status_code == _OK and response.text == challenge

    def customer(
        self,
        wa_id: str | None = None,
        *,
        name: str | None = None,
        bsuid: str | None = None,
        username: str | None = None,
        number: str | None = None,
    ) -> Customer:
        """Return the customer with that phone (digits), or with that BSUID and no phone; without either, a new one."""
        if wa_id is None and bsuid is None:
            self._strangers += 1
            wa_id = f"57300{self._strangers % 10**7:07d}"
        key = (wa_id or bsuid or "").lstrip("+")
        profile = Profile(key, None if wa_id is None else key, name, bsuid, username)
        return self.world.customer(self.world.number(number), profile)

    async def delivered(self, *, timeout: float = 30.0) -> None:  # noqa: ASYNC109 - the usual case for callers
        """Return once every webhook has been acknowledged or given up. Raises `TimeoutError`."""
        async with asyncio.timeout(timeout):
            await self._courier.idle()

    async def settled(self, *, quiet: float = 0.5, timeout: float = 60.0) -> None:  # noqa: ASYNC109 - as above
        """Return once nothing is on its way and nothing has happened for `quiet` seconds. Raises `TimeoutError`."""
        async with asyncio.timeout(timeout):
            while self.world.busy or self.clock.now() - self.world.last_activity < quiet:  # noqa: ASYNC110 - several sources of activity; a poll ends it
                await asyncio.sleep(min(0.05, quiet / 4 or 0.01))

    async def answered(
        self,
        *,
        timeout: float = 60.0,  # noqa: ASYNC109 - as above
        quiet: float = 0.5,
        echo: bool = False,
    ) -> bool:
        """Wait until no customer waits for a reply and all has settled; False when `timeout` seconds do not suffice.

        `echo`: the conversations follow `EchoProtocol`, so wait until every answer is complete.
        """
        try:
            async with asyncio.timeout(timeout):
                while self.ledger.waiting() or (echo and self.ledger.report(echo=True).lost):  # noqa: ASYNC110 - judged
                    await asyncio.sleep(0.2 if echo else 0.02)
                await self.settled(quiet=quiet, timeout=timeout)
        except TimeoutError:
            return False
        return True
