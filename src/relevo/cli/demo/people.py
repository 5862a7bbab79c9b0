"""The demo's people: who owns the shop, who sells there, how one signs in as them, and words they have at hand."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from uuid_utils.compat import uuid7

from relevo.crm.members import Role, add_member
from relevo.crm.passwords import hash_password
from relevo.crm.presence import set_presence
from relevo.crm.users import create_user, link_member
from relevo.store.database import execute

if TYPE_CHECKING:
    import uuid
    from pathlib import Path

    from rich.console import Console

    from relevo.store.database import Connection

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that look alike: the password may be typed on a phone."""
_REPLIES = {
    "hola": "¡Hola! Te habla la Tostadora La Cima. ¿En qué te ayudo?",
    "envio": "Despachamos el mismo día si pides antes de las 2 p. m. y llega en uno o dos días hábiles.",
    "pago": "Puedes pagar contra entrega, o por transferencia cuando confirmemos el pedido.",
    "gracias": "¡Gracias por tu compra! Cualquier cosa, aquí estamos.",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in."""

    email: str
    name: str
    role: Role


OWNER = Person("duena@tostadora.example", "Lucía Cárdenas", "owner")
SELLER = Person("ventas@tostadora.example", "Mateo Ríos", "agent")


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where and how to see the demo in a browser."""

    inbox: str
    phone: str
    password: str

    def show(self, console: Console) -> None:
        """Print it."""
        lines = [
            ("the inbox", self.inbox),
            ("sign in as", OWNER.email),
            ("password", self.password),
            ("or as", f"{SELLER.email}, with the same password"),
            ("write as a customer", self.phone),
        ]
        console.print()
        for label, what in lines:
            console.print(Text.assemble((f"  {label:<21}", "dim"), (what, "bold")), soft_wrap=True)
        console.print()


def demo_password(directory: Path) -> str:
    """Return this directory's password, made up once: other users of the machine reach the demo, too."""
    file = directory / "sign-in"
    try:
        kept = file.read_text("ascii").strip()
    except FileNotFoundError:
        kept = ""
    if kept:
        return kept
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(f"{password}\n")
    return password


async def hire(connection: Connection, workspace_id: uuid.UUID, password: str) -> None:
    """Add owner and seller, both there to be handed conversations, and the shop's canned replies."""
    hashed = await hash_password(password)
    for person in (OWNER, SELLER):
        user_id = await create_user(connection, email=person.email, name=person.name, password_hash=hashed)
        member_id = await add_member(connection, workspace_id, email=person.email, name=person.name, role=person.role)
        await link_member(connection, member_id, user_id)
        await set_presence(connection, workspace_id, member_id, "online")
    for shortcut, text in _REPLIES.items():
        await execute(
            connection,
            "insert into canned_replies (id, workspace_id, shortcut, text)"
            " values (%(id)s, %(workspace)s, %(shortcut)s, %(text)s)",
            {"id": uuid7(), "workspace": workspace_id, "shortcut": shortcut, "text": text},
        )
