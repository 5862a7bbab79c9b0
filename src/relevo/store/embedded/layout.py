"""Where the parts of one embedded Postgres lie. Names paths and makes our own two directories; opens no other."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from relevo.errors import EmbeddedPostgresError


def default_data_dir() -> Path:
    """Where data lives when nobody said: `/var/lib/relevo` for root, the user's data directory otherwise."""
    if os.geteuid() == 0:
        return Path("/var/lib/relevo")
    return Path(platformdirs.user_data_dir("relevo", appauthor=False))


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one data directory. Everything of ours is under `home`; other files in `data_dir` are not ours."""

    data_dir: Path

    @property
    def home(self) -> Path:
        """Owned by whoever attaches; holds locks, log and configuration."""
        return self.data_dir / "postgres"

    @property
    def cluster(self) -> Path:
        """What Postgres calls its data directory; owned by the account the server runs as."""
        return self.home / "cluster"

    @property
    def attached_lock(self) -> Path:
        """Locked shared by every attached process: free means nobody needs the server."""
        return self.home / "attached.lock"

    @property
    def supervisor_lock(self) -> Path:
        """Locked by the supervisor as long as it lives."""
        return self.home / "supervisor.lock"

    @property
    def start_lock(self) -> Path:
        """Locked while a process looks whether a supervisor lives and starts one: so that only one does."""
        return self.home / "start.lock"

    @property
    def status(self) -> Path:
        """What the supervisor says about the server, see `status.Status`."""
        return self.home / "status.json"

    @property
    def log(self) -> Path:
        """What the server and its supervisor have to say, bounded."""
        return self.home / "server.log"

    @property
    def unsynced(self) -> Path:
        """Exists when the cluster ran without fsync, so a durable start must flush it first."""
        return self.home / "unsynced"


def prepare(data_dir: Path) -> Layout:
    """Make the data directory and our home in it, 0700, or take those that exist as they are.

    Raises `EmbeddedPostgresError` when the home belongs to somebody else, `OSError` when it cannot be made.
    """
    if not str(data_dir).isprintable():
        raise EmbeddedPostgresError(f"{str(data_dir)!r} cannot be a data directory: it has unprintable characters.")
    layout = Layout(Path(os.path.realpath(data_dir)))  # links resolved once: the server compares paths as text
    if not layout.home.is_dir():
        layout.data_dir.parent.mkdir(parents=True, exist_ok=True)
        layout.data_dir.mkdir(mode=0o700, exist_ok=True)
        layout.home.mkdir(mode=0o700, exist_ok=True)
    owner = layout.home.stat().st_uid
    if owner != os.geteuid():
        raise EmbeddedPostgresError(
            f"{layout.home} belongs to user id {owner}, this process runs as {os.geteuid()}: run Relevo as that "
            f"user, or choose another data directory with RELEVO_DATA_DIR."
        )
    return layout
