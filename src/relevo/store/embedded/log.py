"""The server's log file: appended to by Postgres and its supervisor, kept small by the latter. Never read whole."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 4 * 1024 * 1024  # one older file of the same size is kept besides
_TAIL_BYTES = 4096


class Log:
    """An open log. Postgres inherits `fd`, opened for appending: so the file can be emptied under its hands."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def say(self, text: str) -> None:
        """Add a line of the supervisor's own."""
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        with suppress(OSError):  # a full disk must not end the supervisor
            os.write(self.fd, f"{now} [{os.getpid()}] supervisor: {text}\n".encode())

    def trim(self) -> None:
        """Move what has grown too long to `server.log.1`; a line written in between may be lost."""
        if os.fstat(self.fd).st_size > MAX_BYTES:
            shutil.copyfile(self._path, self._path.with_name(self._path.name + ".1"))
            os.truncate(self.fd, 0)

    def size(self) -> int:
        """Where the next line will stand, to be given to `tail`."""
        return os.fstat(self.fd).st_size


def tail(path: Path, lines: int = 12, since: int = 0) -> str:
    """Give the last lines written after byte `since`; empty when there are none."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(since, end - _TAIL_BYTES, 0))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
