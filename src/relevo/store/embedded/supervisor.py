"""The process that owns one embedded Postgres: starts it, restarts it when it dies, stops it when nobody is attached.

`python -m relevo.store.embedded.supervisor DATA_DIR`, started by `attachment`, never by hand. It detaches from its
starter and needs no client library: what it knows of the server it knows from the process and its pid file.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from relevo.errors import EmbeddedPostgresError

from .account import open_way, server_account
from .binaries import find_binaries
from .cluster import ensure_cluster, write_configuration
from .layout import Layout
from .locks import EXCLUSIVE, acquire, open_lock, try_lock, unlock
from .log import Log, tail
from .postmaster import Postmaster
from .sockets import choose_socket_dir
from .status import Status, clear_status, write_status
from .trouble import explained, trouble

if TYPE_CHECKING:
    from types import FrameType

_TICK_SECONDS = 0.2
_LINGER_SECONDS = 0.6  # a process that restarts attaches again before the server is gone
_LOCK_SECONDS = 2.0  # others look at the lock for an instant only
_LONGEST_BACKOFF_SECONDS = 30.0
_STEADY_SECONDS = 60.0  # a server that ran so long starts its backoff afresh
_PATIENCE_SECONDS = 20.0  # for the last backends of a killed server to go


class Supervisor:
    """Keeps one server running while somebody is attached."""

    def __init__(self, layout: Layout, binaries: Path | None, *, durable: bool) -> None:
        self._layout = layout
        self._durable = durable
        self._log = Log(layout.log)
        self._account = server_account(layout)
        open_way(self._account, layout)
        self._binaries = find_binaries(binaries, self._account)
        self._attached = open_lock(layout.attached_lock)
        self._server: Postmaster | None = None
        self._socket_dir: Path | None = None
        self._ready = False
        self._since = 0.0
        self._failures = 0
        self._started_at = 0
        self._unattended_since: float | None = None
        self._asked_to_stop = False

    def begin(self) -> None:
        """Adopt the running server or start one, and wait until it is ready, as long as anybody waits for it.

        Raises `EmbeddedPostgresError` when it cannot start, or nobody is attached any more.
        """
        try:
            self._begin()
        except BaseException:
            self._stop(fast=True)
            raise

    def _begin(self) -> None:
        self._server = Postmaster.running(self._layout)
        if self._server is not None:
            self._log.say(f"adopts the running server {self._server.pid}")
        else:
            ensure_cluster(self._layout, self._binaries, self._account, durable=self._durable)
        patience = time.monotonic() + _PATIENCE_SECONDS
        while True:
            if self._server is None:
                self._launch()
            server = self._server
            if server is not None and server.ready:
                self._announce(server)
                return
            if server is None or not server.alive:
                said = tail(self._layout.log, since=self._started_at)
                if "is still in use" not in said or time.monotonic() > patience:
                    raise trouble("starting Postgres", said, self._layout.data_dir)
                self._server = None
            if self._unattended():
                raise EmbeddedPostgresError("nobody waits for Postgres to start any more.")
            time.sleep(0.02)

    def keep(self) -> None:
        """Watch until nobody is attached, the data directory is gone, or a SIGTERM asks to stop."""
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        os.dup2(self._log.fd, sys.stderr.fileno())  # what nobody foresaw is found in the log
        while True:
            time.sleep(_TICK_SECONDS)
            gone = not self._lock_file_exists()
            if gone or self._asked_to_stop or self._unattended():
                self._stop(fast=not gone)
                return
            try:
                self._log.trim()
                self._tend()
            except (OSError, EmbeddedPostgresError) as error:  # a full disk must not end the watch
                self._log.say(str(error))
                self._put_off()

    def _tend(self) -> None:
        now = time.monotonic()
        server = self._server
        if server is not None and server.alive:
            if not self._ready and server.ready:
                self._announce(server)
            elif self._ready and now - self._since > _STEADY_SECONDS:
                self._failures = 0
            return
        if server is not None:
            said = "" if self._ready else tail(self._layout.log, since=self._started_at)
            self._server, self._ready = None, False
            self._put_off()
            self._log.say(f"the server {server.pid} died")
            write_status(self._layout, Status("starting", os.getpid(), error=said))
        if now >= self._since + self._backoff():
            self._launch()

    def _backoff(self) -> float:
        return min(0.25 * 2.0 ** (self._failures - 2), _LONGEST_BACKOFF_SECONDS) if self._failures > 1 else 0.0

    def _put_off(self) -> None:
        self._failures += 1
        self._since = time.monotonic()

    def _launch(self) -> None:
        settings = write_configuration(self._layout, self._account)
        self._socket_dir = choose_socket_dir(self._layout, self._account)
        self._started_at = self._log.size()
        self._server = Postmaster.start(
            self._layout, self._binaries, self._account, settings, self._socket_dir, self._log, durable=self._durable
        )

    def _announce(self, server: Postmaster) -> None:
        self._socket_dir = server.socket_dir
        said = Status("ready", os.getpid(), str(self._socket_dir), server.pid, durable=server.durable)
        write_status(self._layout, said)
        self._ready, self._since = True, time.monotonic()

    def _unattended(self) -> bool:
        """Whether the attached lock was free for a while; keeps it if so, and newcomers wait until we are gone."""
        if not try_lock(self._attached, EXCLUSIVE):
            self._unattended_since = None
            return False
        if self._unattended_since is None:
            self._unattended_since = time.monotonic()
        if time.monotonic() - self._unattended_since >= _LINGER_SECONDS:
            return True
        unlock(self._attached)
        return False

    def _lock_file_exists(self) -> bool:
        try:
            return os.path.samestat(self._layout.attached_lock.stat(), os.fstat(self._attached))
        except OSError:
            return False

    def _stop(self, *, fast: bool) -> None:
        if self._server is not None:
            self._server.stop(fast=fast)
        if self._socket_dir is not None:
            with suppress(OSError):
                self._socket_dir.rmdir()
        if fast:
            clear_status(self._layout)
        self._log.say("stopped")

    def _ask_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._asked_to_stop = True


def main(arguments: list[str] | None = None) -> int:
    """Detach, take the directory's lock, and supervise. What came of the start goes to standard output as JSON."""
    parser = argparse.ArgumentParser(prog="relevo.store.embedded.supervisor")
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--throw-away", action="store_true", help="do not wait for the disk: a power cut loses data")
    parser.add_argument("--binaries", type=Path, help="directory of postgres and initdb")
    options = parser.parse_args(arguments)
    if os.fork():
        os._exit(0)  # so that nobody has us as a child to wait for
    os.umask(0o077)
    layout = Layout(options.data_dir)
    lock = acquire(layout.supervisor_lock, EXCLUSIVE, _LOCK_SECONDS)
    if lock is None:
        return _report(busy=True)
    try:
        with explained("starting Postgres", layout.data_dir):
            clear_status(layout)
            supervisor = Supervisor(layout, options.binaries, durable=not options.throw_away)
            supervisor.begin()
    except EmbeddedPostgresError as error:
        return _report(error=str(error))
    _report(ready=True)
    supervisor.keep()
    return 0


def _report(**said: object) -> int:
    print(json.dumps(said), flush=True)  # noqa: T201 - the starter reads it from our standard output
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # the starter reads until the last writer closes
        os.dup2(null, stream)
    os.close(null)
    return 0


if __name__ == "__main__":
    sys.exit(main())
