"""Passwords: argon2id through pwdlib, in threads of their own. Never logs or keeps what it is given."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from pwdlib import PasswordHash

from relevo.errors import InvalidRequestError

SHORTEST = 10
LONGEST = 256
"""Characters. Longer input costs time and adds nothing."""
_THREADS = ThreadPoolExecutor(2, thread_name_prefix="relevo-password")
"""Few: a hash takes 64 MB and a core; a flood of sign-ins queues here instead of starving the rest."""


def check_password(password: str) -> None:
    """Refuse what cannot be a password. Length is what counts (NIST SP 800-63B 5.1.1), so nothing else is asked.

    Raises:
        InvalidRequestError: too short or too long.

    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidRequestError(f"A password has {SHORTEST} to {LONGEST} characters.")


async def hash_password(password: str) -> str:
    """Hash a password for the store.

    Raises:
        InvalidRequestError: too short or too long.

    """
    check_password(password)
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _hasher().hash, password)


async def verify_password(password: str, stored: str | None) -> bool:
    """Compare with a stored hash. Without one the work is the same, so that time does not tell who has an account."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _verify, password[:LONGEST], stored)


def _verify(password: str, stored: str | None) -> bool:
    same = _hasher().verify(password, stored or _nobodys())
    return same and stored is not None


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_hex(16))
