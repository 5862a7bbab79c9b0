"""The account the server runs as. Postgres refuses to be root, so root hands it to one without rights.

Never changes the mode of a directory it did not find empty: a place the account cannot reach is refused.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from relevo.errors import EmbeddedPostgresError

if TYPE_CHECKING:
    from .layout import Layout

_KNOWN = ("relevo", "postgres", "_postgres")
_CREATE = (
    ("useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", "relevo"),
    ("adduser", "-S", "-D", "-H", "-h", "/nonexistent", "-s", "/sbin/nologin", "relevo"),  # BusyBox
)
_SBIN = "/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server. `user`, `group` and `groups` go to `subprocess`; `None` means no change is needed."""

    name: str
    uid: int
    gid: int

    @property
    def user(self) -> int | None:
        """The user to change to."""
        return None if self.uid == os.geteuid() else self.uid

    @property
    def group(self) -> int | None:
        """The group to change to."""
        return None if self.user is None else self.gid

    @property
    def groups(self) -> list[int] | None:
        """No other groups: root's must not be kept."""
        return None if self.user is None else []

    def own(self, path: Path) -> None:
        """Give it a file or directory just made by us."""
        if self.user is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def let_read(self, path: Path) -> None:
        """Let it (its group) read a file of ours, or pass a directory of ours, but not write."""
        if self.user is not None:
            os.chown(path, -1, self.gid, follow_symlinks=False)
            path.chmod(0o710 if path.is_dir() else 0o640)

    def reaches(self, directory: Path) -> bool:
        """Whether it can enter a directory. Asked of the system itself: modes alone do not tell (ACLs, mounts)."""
        if self.user is None:
            return os.access(directory, os.X_OK)
        tried = subprocess.run(  # noqa: S603 - a fixed program, the directory is an argument and not a command
            ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(directory)],
            user=self.user,
            group=self.group,
            extra_groups=self.groups,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return tried.returncode == 0


def server_account(layout: Layout) -> Account:
    """Choose this process's own account or, as root, the cluster's owner, a known service account, or a new one.

    Raises `EmbeddedPostgresError` when there is none and none can be made.
    """
    if os.geteuid() != 0:
        if account := _number(os.geteuid()):
            return account
        raise EmbeddedPostgresError(
            f"user id {os.geteuid()} has no name, and Postgres needs one: add it to /etc/passwd, or set DATABASE_URL."
        )
    if layout.cluster.exists() and (owner := layout.cluster.stat()).st_uid != 0:
        return _number(owner.st_uid) or Account(str(owner.st_uid), owner.st_uid, owner.st_gid)
    for name in _KNOWN:
        if account := _account(name):
            return account
    for command in _CREATE:
        if program := shutil.which(command[0], path=_SBIN):
            subprocess.run([program, *command[1:]], check=False, capture_output=True)  # noqa: S603 - constants
            if account := _account("relevo"):
                return account
    if account := _account("nobody"):
        return account
    raise EmbeddedPostgresError(
        "Postgres does not run as root and no other account was found or could be made: create a system account "
        "named relevo, run Relevo as another user, or set DATABASE_URL."
    )


def open_way(account: Account, layout: Layout) -> None:
    """Make sure the account reaches our home, changing only our own directories.

    The data directory itself is opened (to the account's group, to pass and not to list) only while it holds
    nothing but our home, so a directory used for something else is never opened.

    Raises `EmbeddedPostgresError` naming the first directory the account cannot enter.
    """
    if account.user is None:
        return
    account.let_read(layout.home)
    if account.reaches(layout.home):
        return
    mine = layout.data_dir.stat().st_uid == os.geteuid() and [*layout.data_dir.iterdir()] == [layout.home]
    if mine and layout.data_dir != Path(pwd.getpwuid(0).pw_dir) and account.reaches(layout.data_dir.parent):
        account.let_read(layout.data_dir)
    blocked = next((d for d in (*reversed(layout.home.parents), layout.home) if not account.reaches(d)), None)
    if blocked is not None:
        raise EmbeddedPostgresError(
            f"Postgres does not run as root but as {account.name}, and {account.name} may not enter {blocked}. "
            f"Choose a data directory it can reach with RELEVO_DATA_DIR (such as /var/lib/relevo); Relevo does not "
            f"change the permissions of directories that are not its own."
        )


def _account(name: str) -> Account | None:
    try:
        return _of(pwd.getpwnam(name))
    except KeyError:
        return None


def _of(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _number(uid: int) -> Account | None:
    try:
        return _of(pwd.getpwuid(uid))
    except KeyError:
        return None
