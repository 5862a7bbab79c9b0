"""Webhook requests as Meta sends them, signed and ready to write to a socket. Built before the clock starts."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from uuid_utils.compat import uuid7

from relevo.simulator import wire
from relevo.simulator.numbers import Number, Profile

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

WORDS = (
    "hola", "quiero", "saber", "el", "precio", "del", "café", "molido", "y", "si", "hacen", "envíos", "a", "Bogotá",
    "gracias", "quedo", "atento",
)  # fmt: skip
STRANGERS = 0.05
"""Share of messages whose writer the shop has never heard of."""
STATUSES = ("sent", "delivered", "read")
APART = 60
"""Messages between two statuses of one message."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message the shop sent earlier, so that statuses of it can come."""

    id: uuid.UUID
    wamid: str
    phone: str


def phone_of(customer: int) -> str:
    """Return the phone (digits) of a stored customer."""
    return f"57{3_000_000_000 + customer}"


def new_wamid() -> str:
    return f"wamid.HBgMNTczMDAxMTEyMjIzFQIAERgS{uuid7().hex.upper()}AA=="


def request(body: bytes, number: Number, path: str = "/webhooks/whatsapp") -> bytes:
    """Return the bytes of the POST."""
    headers = {"host": "127.0.0.1", "accept": "*/*", **wire.headers(number, body), "content-length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def message(number: Number, phone: str) -> bytes:
    """One customer writes one text."""
    profile = Profile(phone, phone, f"Cliente {phone[-4:]}")
    wamid = new_wamid()
    item = {
        **wire.sender(profile), "id": wamid, "timestamp": str(int(time.time())), "type": "text",
        "text": {"body": " ".join(random.choices(WORDS, k=8))},
    }  # fmt: skip
    update = wire.Update(number, "messages", item, wamid, wire.contact(profile), wamid)
    return request(wire.envelope([update]), number)


def status(number: Number, spoken: Spoken, name: str) -> bytes:
    """One status of one message."""
    profile = Profile(spoken.phone, spoken.phone, None)
    item = wire.status(profile, spoken.wamid, name, time.time(), str(spoken.id))
    return request(wire.envelope([wire.Update(number, "statuses", item, spoken.wamid)]), number)


def messages(number: Number, count: int, customers: Sequence[int]) -> list[bytes]:
    """Many customers write; a few of them for the first time."""
    return [message(number, _writer(customers)) for _ in range(count)]


def mixed(number: Number, spoken: Sequence[Spoken], customers: Sequence[int]) -> list[bytes]:
    """One message for every three statuses; each message's statuses in their order, some requests apart."""
    out: list[bytes] = []
    for step, inbound in enumerate(messages(number, len(spoken), customers)):
        out.append(inbound)
        for lag, name in enumerate(STATUSES):
            if step >= lag * APART:
                out.append(status(number, spoken[step - lag * APART], name))
    return out


def _writer(customers: Sequence[int]) -> str:
    if random.random() < STRANGERS:
        return f"57{random.randrange(3_200_000_000, 3_500_000_000)}"
    return phone_of(random.choice(customers))
