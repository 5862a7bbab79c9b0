"""Chooses the directory of the server's unix socket: short enough, private to the account, on a disk that can."""

from __future__ import annotations

import hashlib
import os
import socket
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from relevo.errors import EmbeddedPostgresError

from .status import PORT

if TYPE_CHECKING:
    from .account import Account
    from .layout import Layout

_LONGEST = 103 - len(f"/.s.PGSQL.{PORT}")  # sun_path is 104 bytes on macOS, 108 on Linux, one of them a zero


def choose_socket_dir(layout: Layout, account: Account) -> Path:
    """Make a directory for the socket, inside our home where that works, else a short one named after the home.

    Raises `EmbeddedPostgresError` when neither can be used.
    """
    complaints: list[str] = []
    for make in (_inside, _short):
        try:
            directory = make(layout)
            _private(directory, account)
            _probe(directory)
        except OSError as error:
            complaints.append(str(error))
        else:
            return directory
    raise EmbeddedPostgresError(
        f"no place for the server's socket: {'; '.join(complaints)}. Choose a shorter RELEVO_DATA_DIR on a local disk."
    )


def _inside(layout: Layout) -> Path:
    directory = layout.home / "run"
    if len(os.fsencode(directory)) > _LONGEST:
        raise OSError(f"the path {directory} is too long for a socket")
    if "," in str(directory):
        raise OSError(f"the path {directory} has a comma, which libpq takes for the end of a host")
    return directory


def _short(layout: Layout) -> Path:
    name = hashlib.sha256(os.fsencode(layout.home)).hexdigest()[:12]
    if os.geteuid() == 0:
        base = Path("/run" if Path("/run").is_dir() else "/var/run") / "relevo"
        base.mkdir(exist_ok=True)
        _must_be(base, 0)
        base.chmod(0o711)  # ours alone, and the account must pass
    else:
        base = Path(f"/tmp/relevo-{os.geteuid()}")  # noqa: S108 - its owner and mode are checked below
        base.mkdir(mode=0o700, exist_ok=True)
        _must_be(base, os.geteuid())
    return base / name


def _private(directory: Path, account: Account) -> None:
    if not os.path.lexists(directory):
        directory.mkdir(mode=0o700)
    account.own(directory)
    _must_be(directory, account.uid)
    directory.chmod(0o700)


def _must_be(directory: Path, uid: int) -> None:
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o022:
        raise OSError(f"{directory} is not a directory that user id {uid} alone may write to")


def _probe(directory: Path) -> None:
    path = directory / ".probe"
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as probe:
        probe.bind(str(path))
    path.unlink()
