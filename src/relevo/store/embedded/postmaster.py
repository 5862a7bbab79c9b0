"""One running Postgres: started by us or found running, watched and stopped. Decides nothing about when."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .cluster import ENVIRONMENT
from .status import PORT

if TYPE_CHECKING:
    from .account import Account
    from .binaries import Binaries
    from .layout import Layout
    from .log import Log

_FAST, _IMMEDIATE = (
    signal.SIGINT,
    signal.SIGQUIT,
)  # postgres(1): end sessions and checkpoint; end at once, recover later
_FAST_SECONDS = 60.0
_IMMEDIATE_SECONDS = 10.0
_STATUS_LINE = 7  # of postmaster.pid, counted from 0 (utils/pidfile.h)
_UNSAFE = ("-c", "fsync=off", "-c", "full_page_writes=off")  # a power cut loses data, a killed process does not
_SAFE = ("-c", "fsync=on", "-c", "full_page_writes=on")  # as arguments, so that no file turns them off


class Postmaster:
    """A server process. `process` is there when it is our child; an adopted one is known by its pid alone."""

    def __init__(self, layout: Layout, pid: int, process: subprocess.Popen[bytes] | None = None) -> None:
        self.pid = pid
        self._layout = layout
        self._process = process

    @classmethod
    def start(
        cls,
        layout: Layout,
        binaries: Binaries,
        account: Account,
        settings: list[str],
        socket_dir: Path,
        log: Log,
        *,
        durable: bool,
    ) -> Postmaster:
        """Start a server that never listens on TCP. Returns at once; `ready` tells when it answers."""
        _forget_stale(layout, socket_dir)
        process = subprocess.Popen(  # noqa: S603 - our own program
            [
                *(binaries.postgres, "-D", str(layout.cluster), *settings),
                *("-c", "listen_addresses=", "-c", f"unix_socket_directories={_quoted(socket_dir)}"),
                *("-c", "unix_socket_permissions=0700", "-p", str(PORT)),
                *(_SAFE if durable else _UNSAFE),
            ],
            user=account.user,
            group=account.group,
            extra_groups=account.groups,
            env=ENVIRONMENT,
            cwd="/",
            umask=0o077,
            stdin=subprocess.DEVNULL,
            stdout=log.fd,
            stderr=log.fd,
            start_new_session=True,
        )
        return cls(layout, process.pid, process)

    @classmethod
    def running(cls, layout: Layout) -> Postmaster | None:
        """Find the server that a supervisor left behind when it was killed; `None` when there is none."""
        lines = _pid_file(layout)
        pid = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
        return cls(layout, pid) if pid and _is_server(pid, layout) else None

    @property
    def alive(self) -> bool:
        """Whether it runs. A zombie does not."""
        if self._process is not None:
            return self._process.poll() is None
        return _is_server(self.pid, self._layout)

    @property
    def ready(self) -> bool:
        """Whether it accepts connections, as it says itself in its pid file (the way pg_ctl knows)."""
        lines = _pid_file(self._layout)
        return (
            len(lines) > _STATUS_LINE
            and lines[0].strip() == str(self.pid)
            and lines[_STATUS_LINE].strip() == "ready"
            and self.alive
        )

    @property
    def socket_dir(self) -> Path:
        """Where its socket is, from its pid file."""
        return Path(_pid_file(self._layout)[4])

    @property
    def durable(self) -> bool:
        """Whether it was started so that a commit survives a power cut."""
        return "fsync=off" not in _command(self.pid)

    def stop(self, *, fast: bool = True) -> None:
        """Stop it and wait: cleanly, or at once when its data is gone or it does not listen."""
        plan = [(_FAST, _FAST_SECONDS)] if fast else []
        for sign, seconds in (*plan, (_IMMEDIATE, _IMMEDIATE_SECONDS), (signal.SIGKILL, _IMMEDIATE_SECONDS)):
            if not self.alive:
                return
            with suppress(ProcessLookupError):
                os.kill(self.pid, sign)
            deadline = time.monotonic() + seconds
            while self.alive and time.monotonic() < deadline:
                time.sleep(0.02)


def _quoted(directory: Path) -> str:
    return '"' + str(directory).replace('"', '""') + '"'  # the setting is a list, and a comma would split it


def _pid_file(layout: Layout) -> list[str]:
    try:
        return (layout.cluster / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _is_server(pid: int, layout: Layout) -> bool:
    return f"postgres -D {layout.cluster} " in _command(pid)


def _command(pid: int) -> str:
    """Read the command line of a process; empty when there is none, or only a zombie."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        pass
    if Path("/proc/self/cmdline").exists():
        return ""
    listed = subprocess.run(  # noqa: S603 - constant but for a number
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return listed.stdout


def _forget_stale(layout: Layout, socket_dir: Path) -> None:
    """Remove the lock files of a dead server: when its pid now is another process's, Postgres would refuse to start.

    Nobody else can be starting one meanwhile, for we hold the supervisor's lock.
    """
    if Postmaster.running(layout) is None:
        (layout.cluster / "postmaster.pid").unlink(missing_ok=True)
        (socket_dir / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
