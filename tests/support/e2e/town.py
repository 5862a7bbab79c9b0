"""Where browser tests happen: one service and one WhatsApp for all, and for each test a shop of its own in it."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relevo.agents.engine.load import load_playbook
from relevo.conversations.channels import MISS_SECONDS
from relevo.crm.presence import set_presence
from relevo.crm.sessions import open_session
from relevo.crm.users import find_user
from relevo.simulator import Number, Simulator
from relevo.store.database import Database, execute, fetch_all
from relevo.store.secrets import SecretBox
from support.e2e.service import ServiceProcess
from support.service import KEY, add_shop
from support.sign_in import PASSWORD, add_person

if TYPE_CHECKING:
    import uuid
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from relevo.crm.members import Role
    from relevo.simulator import Customer

PLAYBOOK = "tostadora"
_AT_ONCE = 12
"""Shops are opened behind the service's back, and it looks for new numbers only now and then."""
_COUNT = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a shop who can sign in."""

    id: uuid.UUID
    email: str
    name: str
    password: str = PASSWORD


class Shop:
    """A shop of one test."""

    def __init__(self, town: Town, workspace_id: uuid.UUID, number: Number) -> None:
        self.town = town
        self.workspace_id = workspace_id
        self.number = number
        self._mark = next(_COUNT)

    async def member(self, name: str, role: Role = "owner", presence: Any = "online") -> Member:
        """Hire somebody."""
        email = f"{name.lower()}.{self._mark}@shop.example"
        member_id = await add_person(self.town.database, self.workspace_id, email, role=role)
        async with self.town.database.transaction() as connection:
            for table in ("users", "members"):
                await execute(
                    connection,
                    f"update {table} set name = %(name)s where email = %(email)s",
                    {"name": name, "email": email},
                )
            await set_presence(connection, self.workspace_id, member_id, presence)
        return Member(member_id, email, name)

    def customer(self, name: str) -> Customer:
        """Somebody who has not written yet."""
        phone = f"57310{next(_COUNT):07d}"
        return self.town.sim.customer(phone, name=name, number=self.number.phone_number_id)

    async def configure(self, **columns: Any) -> None:
        """Change the shop's configuration behind the scenes."""
        assignments = ", ".join(f"{name} = %({name})s" for name in columns)
        await self.town.write(
            f"update agent_configs set {assignments} where workspace_id = %(workspace)s",
            **columns, workspace=self.workspace_id,
        )  # fmt: skip

    async def conversation(self, customer: Customer) -> str:
        """The id of the customer's conversation, once there is one."""
        async with asyncio.timeout(20):
            while True:
                rows = await self.town.rows(
                    "select c.id from conversations c join contacts k on k.id = c.contact_id"
                    " join contact_identities i on i.contact_id = k.id"
                    " where c.workspace_id = %(workspace)s and i.value = %(phone)s",
                    workspace=self.workspace_id, phone=f"+{customer.key}",
                )  # fmt: skip
                if rows:
                    return str(rows[0]["id"])
                await asyncio.sleep(0.1)


class Town:
    """Service, WhatsApp and database."""

    def __init__(self, sim: Simulator, service: ServiceProcess, database: Database) -> None:
        self.sim = sim
        self.service = service
        self.database = database
        self._secrets = SecretBox(KEY)
        self._spare: list[Shop] = []

    @property
    def url(self) -> str:
        return self.service.url

    async def shop(self, **config: Any) -> Shop:
        """Give out a shop with a number of its own. Its agent answers at once unless `config` says otherwise."""
        if not self._spare:
            self._spare = [await self._open_shop() for _ in range(_AT_ONCE)]
            await asyncio.sleep(2 * MISS_SECONDS)
        shop = self._spare.pop()
        if config:
            await shop.configure(**config)
        return shop

    async def _open_shop(self) -> Shop:
        mark = next(_COUNT)
        number = Number(
            phone_number_id=f"2000000{mark:06d}", display_phone=f"57320{mark:07d}", name=f"Tienda {mark}",
            webhook_url=f"{self.url}/webhooks/whatsapp",
        )  # fmt: skip
        self.sim.world.numbers[number.phone_number_id] = number
        workspace_id = await add_shop(self.database, self._secrets, number, conversational_agent_id=PLAYBOOK)
        await self.write("update workspaces set name = %(name)s where id = %(id)s", name=number.name, id=workspace_id)
        return Shop(self, workspace_id, number)

    async def session(self, member: Member) -> str:
        """Sign somebody in behind the scenes; the token of their session."""
        async with self.database.transaction() as connection:
            user = await find_user(connection, member.email)
            assert user is not None
            return (await open_session(connection, user["id"], "Chromium")).token

    async def rows(self, statement: str, **parameters: object) -> list[Any]:
        async with self.database.reading() as connection:
            return list(await fetch_all(connection, statement, parameters))

    async def write(self, statement: str, **parameters: object) -> int:
        async with self.database.transaction() as connection:
            return await execute(connection, statement, parameters)


@asynccontextmanager
async def open_town(database_url: str, logs: Path) -> AsyncGenerator[Town]:
    """Start everything; stop it in the end."""
    _, playbook = load_playbook(PLAYBOOK)
    examples = {
        f"RELEVO_PLAYBOOK_{key.upper()}": setting.example
        for key, setting in playbook.settings.items()
        if setting.example
    }
    database = Database(database_url, pool_size=4)
    async with Simulator() as sim:
        environment = {
            "RELEVO_DATABASE_URL": database_url,
            "RELEVO_SECRET_KEY": KEY,
            "RELEVO_WHATSAPP_API_URL": sim.base_url,
            "RELEVO_DATA_DIR": str(logs),
            **examples,
        }
        service = ServiceProcess(environment, logs / "service.log")
        await service.start()
        try:
            yield Town(sim, service, database)
        finally:
            await service.stop()
            await database.close()
