"""Turns what Postgres and the operating system complain about into an error that says what to do. Fixes nothing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from relevo.errors import EmbeddedPostgresError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

# First match wins; the words are those of strerror and of PostgreSQL's own messages (LC_ALL=C).
_ADVICE = (
    ("No space left on device", "the disk is full. Free space on the disk that holds {place}, then start again."),
    ("Disk quota exceeded", "the disk quota is used up. Free space on the disk that holds {place}, then start again."),
    ("Read-only file system", "{place} is on a read-only disk. Choose another with RELEVO_DATA_DIR."),
    (
        "could not look up effective user ID",
        "the user id this process runs as has no name. Add it to /etc/passwd, or set DATABASE_URL.",
    ),
    (
        "No locks available",
        "the disk that holds {place} cannot lock files. Choose a local disk with RELEVO_DATA_DIR, or set DATABASE_URL.",
    ),
    ("shared memory", "the system gives too little shared memory. Raise its limit, or set DATABASE_URL."),
    ("Cannot allocate memory", "there is too little memory. Free about 300 MB, or set DATABASE_URL."),
    (
        "Permission denied",
        "permission denied. Let the user who runs Relevo own {place}, or choose another with RELEVO_DATA_DIR.",
    ),
    (
        "Operation not permitted",
        "not permitted. Run Relevo as another user, choose a place other than {place}, or set DATABASE_URL.",
    ),
)
_OTHERWISE = "see the lines below and the log in {place}; a Postgres of your own can be given with DATABASE_URL."


def trouble(doing: str, said: str, place: Path) -> EmbeddedPostgresError:
    """Make the error for something that failed while `doing`; `said` is what was complained, `place` where."""
    advice = next((advice for sign, advice in _ADVICE if sign in said), _OTHERWISE)
    message = f"{doing} failed: {advice.format(place=place)}"
    return EmbeddedPostgresError(f"{message}\n{said.strip()}" if said.strip() else message)


@contextmanager
def explained(doing: str, place: Path) -> Generator[None]:
    """Raise `EmbeddedPostgresError` where the block raises `OSError`."""
    try:
        yield
    except OSError as error:
        raise trouble(doing, str(error), place) from error
