"""Slows down guessing: attempts are counted before they are looked at, by e-mail and by network address."""

from __future__ import annotations

import hashlib
import ipaddress
from typing import TYPE_CHECKING

from relevo.errors import ThrottledError
from relevo.store.database import execute, fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    from relevo.store.database import Connection, Database

FREE_BY_EMAIL = 5
FREE_BY_ADDRESS = 20
"""Attempts without a delay; then it doubles with each. A shop's people often share one address."""
LONGEST_BY_EMAIL = 300
LONGEST_BY_ADDRESS = 900
"""Seconds. The first is shorter: anybody can make the owner of an account wait by guessing at it."""


async def begin_attempt(database: Database, email: str, address: str) -> None:
    """Count an attempt. Counting first, two at once cannot both slip through.

    Raises:
        ThrottledError: it is too early for another; says how many seconds to wait.

    """
    keys = (
        (_address_key(address), FREE_BY_ADDRESS, LONGEST_BY_ADDRESS),
        (_email_key(email), FREE_BY_EMAIL, LONGEST_BY_EMAIL),
    )
    async with database.reading() as connection:
        for key, free, longest in keys:
            row = await fetch_one(
                connection, sql_file("relevo.crm", "begin_attempt"), {"key": key, "free": free, "longest": longest}
            )
            if row is None:
                raise ThrottledError(await _wait(connection, key))


async def forgive(connection: Connection, email: str, address: str) -> None:
    """Note that an attempt was right."""
    await execute(connection, "delete from sign_in_throttle where key = %(key)s", {"key": _email_key(email)})
    await execute(
        connection,
        "update sign_in_throttle set attempts = greatest(attempts - 1, 0) where key = %(key)s",
        {"key": _address_key(address)},
    )
    await execute(connection, "delete from sign_in_throttle where last_at < now() - interval '1 day'", {})


async def _wait(connection: Connection, key: bytes) -> int:
    row = await fetch_one(
        connection,
        "select ceil(extract(epoch from blocked_until - now()))::int as seconds from sign_in_throttle"
        " where key = %(key)s",
        {"key": key},
    )
    return max(1, row["seconds"]) if row else 1


def _email_key(email: str) -> bytes:
    return hashlib.sha256(b"email:" + email.encode()).digest()


def _address_key(address: str) -> bytes:
    """One key for an IPv4 address, or for a whole /64: that is what one customer of a provider gets (RFC 6177)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        name = address
    else:
        if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
            parsed = parsed.ipv4_mapped
        name = str(ipaddress.ip_network((parsed, 32 if parsed.version == 4 else 64), strict=False))  # noqa: PLR2004 - IP versions
    return hashlib.sha256(b"address:" + name.encode()).digest()
