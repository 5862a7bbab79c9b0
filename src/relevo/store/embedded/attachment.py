"""Attaches a process to the embedded Postgres of a data directory, starting it when it does not run.

Attached means holding a shared lock, so the kernel detaches a process that dies. Runs no server in this process.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

import relevo
from relevo.errors import EmbeddedPostgresError

from .layout import prepare
from .locks import SHARED, acquire, is_locked, locked
from .log import tail
from .status import DATABASE, PORT, ROLE, Status, read_status
from .trouble import explained

if TYPE_CHECKING:
    from .layout import Layout

_PAUSE_SECONDS = 0.03
_WATCH_SECONDS = 2.0
_WATCH_START_SECONDS = 10.0  # detaching may have to wait so long at worst
_logger = logging.getLogger(__name__)


class Attached:
    """This process's hold on the server. The server runs at least until `detach`, or the end of the process."""

    def __init__(self, layout: Layout, url: str, hold: int, command: list[str]) -> None:
        self.url = url
        self._layout = layout
        self._hold: int | None = hold
        self._command = command
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="relevo-postgres-watch", daemon=True)
        self._watcher.start()

    def detach(self, *, wait: float = 0.0) -> None:
        """Let go. The server stops by itself about a second after the last one did.

        With `wait`, return only when it has stopped or so many seconds have passed (others may be attached).
        """
        hold, self._hold = self._hold, None
        if hold is not None:
            self._done.set()
            self._watcher.join()
            self._supervise()  # without one, nobody would stop the server
            os.close(hold)
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline and self._layout.home.exists() and is_locked(self._layout.supervisor_lock):
            time.sleep(_PAUSE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.detach()

    def _watch(self) -> None:
        while not self._done.wait(_WATCH_SECONDS):
            self._supervise()

    def _supervise(self) -> None:
        """Start a new supervisor when the old one was killed; it adopts the running server."""
        if not self._layout.cluster.exists():
            return  # the data was removed under the server, which is its end
        try:
            with explained("watching Postgres", self._layout.data_dir), locked(self._layout.start_lock) as mine:
                if mine and not is_locked(self._layout.supervisor_lock):
                    _start_supervisor(self._layout, self._command, time.monotonic() + _WATCH_START_SECONDS)
        except EmbeddedPostgresError as error:
            _logger.warning("the embedded Postgres lost its supervisor, and a new one failed: %s", error)


def attach(data_dir: Path, *, durable: bool, start_timeout: float, binaries: Path | None) -> Attached:
    """See `relevo.store.embedded.attach_sync`."""
    deadline = time.monotonic() + start_timeout
    with explained("opening the data directory", data_dir):
        layout = prepare(data_dir)
        hold = acquire(layout.attached_lock, SHARED, start_timeout)
        if hold is None:
            raise EmbeddedPostgresError(
                f"the Postgres of {data_dir} has been stopping for {start_timeout:.0f} s: see {layout.log}."
            )
    command = _command(layout, binaries, durable=durable)
    try:
        with explained("attaching to Postgres", data_dir):
            status = _running(layout, command, deadline)
        if durable:
            _insist_on_durable(status, data_dir)
    except BaseException:
        os.close(hold)
        raise
    url = f"postgresql://{ROLE}@/{DATABASE}?host={quote(status.socket_dir, safe='/')}&port={PORT}"
    return Attached(layout, url, hold, command)


def _running(layout: Layout, command: list[str], deadline: float) -> Status:
    """Wait until the server answers, starting a supervisor whenever there is none."""
    while True:
        with locked(layout.start_lock, max(deadline - time.monotonic(), 0)) as mine:
            if mine and not is_locked(layout.supervisor_lock):
                _start_supervisor(layout, command, deadline)
        status = read_status(layout)
        if status is not None and status.state == "ready" and _answers(status):
            return status
        if time.monotonic() >= deadline:
            raise _too_late(layout, status.error if status else "")
        time.sleep(_PAUSE_SECONDS)


def _insist_on_durable(status: Status, data_dir: Path) -> None:
    if not status.durable:
        raise EmbeddedPostgresError(
            f"the Postgres of {data_dir} runs without durability (somebody attached with durable=False): end the "
            f"processes attached to it, then start again."
        )


def _answers(status: Status) -> bool:
    """Whether somebody listens: the file may be older than a crash."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(status.socket)
        except OSError:
            return False
    return True


def _start_supervisor(layout: Layout, command: list[str], deadline: float) -> None:
    """Start one and wait for its first word, which comes when the server is ready or cannot be."""
    package = str(Path(relevo.__file__).parents[1])
    path = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH", "")) if part)
    try:
        told = subprocess.run(  # noqa: S603 - this very Python and this package
            command,
            env={**os.environ, "PYTHONPATH": path},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            timeout=max(deadline - time.monotonic(), 0.1),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_late(layout, "") from None
    said = told.stdout.decode(errors="replace")
    try:
        report: dict[str, Any] = json.loads(said)
    except ValueError:
        raise EmbeddedPostgresError(f"the supervisor of Postgres did not start: {said.strip()}") from None
    if error := report.get("error"):
        raise EmbeddedPostgresError(str(error))


def _command(layout: Layout, binaries: Path | None, *, durable: bool) -> list[str]:
    command = [sys.executable, "-P", "-m", "relevo.store.embedded.supervisor", str(layout.data_dir)]
    command += [] if durable else ["--throw-away"]
    return command + (["--binaries", str(binaries)] if binaries else [])


def _too_late(layout: Layout, why: str) -> EmbeddedPostgresError:
    return EmbeddedPostgresError(
        f"Postgres was not ready in time. After a crash it may need minutes to recover: try again, and see "
        f"{layout.log}, which ends with:\n{why or tail(layout.log)}"
    )
