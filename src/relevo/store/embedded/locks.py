"""Whole-file locks between processes (flock). The kernel frees them when a process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SHARED = fcntl.LOCK_SH
EXCLUSIVE = fcntl.LOCK_EX

_PAUSE_SECONDS = 0.01


def open_lock(path: Path) -> int:
    """Open a lock file, made if missing and never removed (removing one lets two processes hold "the" lock)."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def try_lock(fd: int, kind: int) -> bool:
    """Take the lock now or say no. It is held until the descriptor is closed in every process that has it."""
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unlock(fd: int) -> None:
    """Let go of a lock and keep the descriptor."""
    fcntl.flock(fd, fcntl.LOCK_UN)


def acquire(path: Path, kind: int, seconds: float) -> int | None:
    """Open and lock, waiting up to so many seconds; `None` when somebody else kept it all that time."""
    fd = open_lock(path)
    deadline = time.monotonic() + seconds
    try:
        while not try_lock(fd, kind):
            if time.monotonic() >= deadline:
                os.close(fd)
                return None
            time.sleep(_PAUSE_SECONDS)
    except OSError:
        os.close(fd)
        raise
    return fd


@contextmanager
def locked(path: Path, seconds: float = 0.0) -> Generator[bool]:
    """Hold the exclusive lock for a block; yields False when it was not to be had within so many seconds."""
    fd = acquire(path, EXCLUSIVE, seconds)
    try:
        yield fd is not None
    finally:
        if fd is not None:
            os.close(fd)


def is_locked(path: Path) -> bool:
    """Whether somebody holds the exclusive lock. Disturbs a taker for an instant, so takers try more than once."""
    fd = open_lock(path)
    try:
        return not try_lock(fd, SHARED)
    finally:
        os.close(fd)
