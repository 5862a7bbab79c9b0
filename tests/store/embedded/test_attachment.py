"""One server per data directory, alive exactly as long as a process is attached, whatever is killed."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest

from relevo.errors import EmbeddedPostgresError
from relevo.store.embedded import attach, attach_sync
from relevo.store.embedded.account import server_account
from relevo.store.embedded.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    import psutil

    Until = Callable[[Callable[[], object]], None]
    Processes = Callable[[Path, str], list[psutil.Process]]

PID_FILE = "postgres/cluster/postmaster.pid"
POSTMASTER, SUPERVISOR = "unix_socket_directories", "relevo.store.embedded.supervisor"

_ATTACHER = """
import sys
from pathlib import Path
from relevo.store.embedded import attach_sync
attached = attach_sync(Path(sys.argv[1]), durable=False)
print(attached.url, flush=True)
sys.stdin.read()
"""


class Warm(NamedTuple):
    """A running server that many tests use."""

    data_dir: Path
    url: str


class Attacher:
    """Another process that attaches and stays until it is killed."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _ATTACHER, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def url(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self, sign: int = signal.SIGKILL) -> None:
        if self.process.poll() is None:
            self.process.send_signal(sign)
        self.process.communicate()


@pytest.fixture
def attacher(data_dir: Path) -> Generator[Callable[[], Attacher]]:
    made: list[Attacher] = []

    def make() -> Attacher:
        made.append(Attacher(data_dir))
        return made[-1]

    yield make
    for one in made:
        one.end()


def ask(url: str, question: str) -> object:
    """Get the first value of a query's answer."""
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
    return row[0] if row else None


def tell(url: str, what: str) -> None:
    """Do something and commit it."""
    with psycopg.connect(url) as connection:
        connection.execute(what.encode())


def answers(url: str) -> bool:
    try:
        return ask(url, "SELECT true") is True
    except psycopg.OperationalError:
        return False


@pytest.fixture(scope="module")
def warm(until: Until, processes: Processes) -> Generator[Warm]:
    """Keep one server running for the tests that leave it running."""
    directory = Path(tempfile.mkdtemp(dir="/tmp", prefix="relevo-test-"))
    with attach_sync(directory, durable=False) as attached:
        yield Warm(directory, attached.url)
    until(lambda: not processes(directory, ""))
    shutil.rmtree(directory)


def started_at(url: str) -> object:
    return ask(url, "SELECT pg_postmaster_start_time()")


def kill(found: list[psutil.Process], until: Until) -> int:
    """Kill the one process there is, wait until it is gone and return what its pid was."""
    (process,) = found
    process.kill()
    until(lambda: not process.is_running())
    return process.pid


async def test_a_server_keeps_what_relevo_counts_on(data_dir: Path, processes: Processes) -> None:
    attaching = asyncio.create_task(attach(data_dir))
    turns = 0
    while not attaching.done():
        turns += 1
        await asyncio.sleep(0.01)
    assert turns > 3, "the event loop went on meanwhile"
    expected = {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "listen_addresses": "",
        "server_encoding": "UTF8",
        "client_encoding": "UTF8",
        "TimeZone": "UTC",
        "jit": "off",
        "max_connections": "200",
    }
    with await attaching as attached:
        assert {setting: ask(attached.url, f"SHOW {setting}") for setting in expected} == expected
        assert ask(attached.url, "SELECT current_user || '@' || current_database()") == "relevo@relevo"
        assert ask(attached.url, "SELECT rolsuper FROM pg_roles WHERE rolname = 'relevo'") is True
        assert ask(attached.url, "SELECT upper('ñandú')") == "ÑANDÚ"
        (server,) = processes(data_dir, POSTMASTER)
        assert server.net_connections("inet") == []


def test_attaching_again_shares_the_server(warm: Warm, processes: Processes) -> None:
    before = started_at(warm.url)
    with attach_sync(warm.data_dir, durable=False) as again:
        assert again.url == warm.url
    assert started_at(warm.url) == before
    assert len(processes(warm.data_dir, POSTMASTER)) == 1


def test_eight_processes_at_once_get_one_server(
    data_dir: Path, attacher: Callable[[], Attacher], processes: Processes
) -> None:
    urls = {one.url() for one in [attacher() for _ in range(8)]}
    assert len(urls) == 1
    assert answers(urls.pop())
    assert len(processes(data_dir, POSTMASTER)) == 1
    assert len(processes(data_dir, SUPERVISOR)) == 1


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_owner_leaves_nothing_running(
    data_dir: Path, attacher: Callable[[], Attacher], nothing_left: Callable[[], None], sign: signal.Signals
) -> None:
    owner = attacher()
    assert answers(owner.url())
    owner.end(sign)
    nothing_left()
    assert not (data_dir / PID_FILE).exists(), "stopped, not killed"


def test_the_server_stays_for_those_who_remain(data_dir: Path, attacher: Callable[[], Attacher]) -> None:
    owner = attacher()
    owner.url()
    with attach_sync(data_dir, durable=False) as other:
        before = started_at(other.url)
        owner.end()
        time.sleep(1.5)  # longer than the supervisor lingers
        assert started_at(other.url) == before


def test_a_killed_server_comes_back_with_its_data(warm: Warm, processes: Processes, until: Until) -> None:
    tell(warm.url, "CREATE TABLE kept AS SELECT 7 AS n")
    for _ in range(2):
        kill(processes(warm.data_dir, POSTMASTER), until)
        until(lambda: answers(warm.url))
        assert ask(warm.url, "SELECT n FROM kept") == 7


def test_a_server_whose_supervisor_was_killed_is_adopted_and_kept(
    warm: Warm, processes: Processes, until: Until
) -> None:
    before = started_at(warm.url)
    killed = kill(processes(warm.data_dir, SUPERVISOR), until)
    with attach_sync(warm.data_dir, durable=False):
        assert started_at(warm.url) == before
        (adopter,) = processes(warm.data_dir, SUPERVISOR)
        assert adopter.pid != killed
    kill(processes(warm.data_dir, POSTMASTER), until)
    until(lambda: answers(warm.url))


def test_those_attached_replace_a_killed_supervisor(warm: Warm, processes: Processes, until: Until) -> None:
    before = started_at(warm.url)
    kill(processes(warm.data_dir, SUPERVISOR), until)
    until(lambda: processes(warm.data_dir, SUPERVISOR))
    assert started_at(warm.url) == before


def test_the_last_to_detach_leaves_no_orphan_of_a_killed_supervisor(
    data_dir: Path, processes: Processes, until: Until, nothing_left: Callable[[], None]
) -> None:
    with attach_sync(data_dir, durable=False):
        kill(processes(data_dir, SUPERVISOR), until)
    nothing_left()
    assert not (data_dir / PID_FILE).exists(), "stopped, not killed"


def test_killing_everything_at_once_loses_nothing_committed(
    data_dir: Path, attacher: Callable[[], Attacher], processes: Processes, nothing_left: Callable[[], None]
) -> None:
    owner = attacher()
    tell(owner.url(), "CREATE TABLE kept AS SELECT 7 AS n")
    for process in processes(data_dir, ""):
        process.kill()
    owner.end()
    nothing_left()
    with attach_sync(data_dir, durable=False) as again:
        assert ask(again.url, "SELECT n FROM kept") == 7


def test_lock_files_with_somebody_elses_pid_do_not_keep_it_from_starting(data_dir: Path) -> None:
    attached = attach_sync(data_dir, durable=False)
    attached.detach(wait=20)
    layout = Layout(data_dir)
    account = server_account(layout)
    with subprocess.Popen(
        ["/bin/sleep", "60"], user=account.user, group=account.group, extra_groups=account.groups
    ) as foreign:
        stale = f"{foreign.pid}\n{layout.cluster}\n1\n5432\n{layout.home}/run\n\n  1 1\nready   \n"
        for path in (layout.cluster / "postmaster.pid", layout.home / "run/.s.PGSQL.5432.lock"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(stale)
            account.own(path.parent)
            account.own(path)
        with attach_sync(data_dir, durable=False) as again:
            assert answers(again.url)
        assert foreign.poll() is None
        foreign.kill()


def test_a_server_whose_data_is_removed_ends(data_dir: Path, nothing_left: Callable[[], None]) -> None:
    with attach_sync(data_dir, durable=False) as attached:
        assert answers(attached.url)
        moved = data_dir.rename(data_dir.with_suffix(".moved"))
        nothing_left()
    shutil.rmtree(moved)
    assert not data_dir.exists(), "not made anew"


def test_a_throw_away_server_is_not_taken_for_a_durable_one(warm: Warm) -> None:
    assert ask(warm.url, "SHOW fsync") == "off"
    with pytest.raises(EmbeddedPostgresError, match="without durability"):
        attach_sync(warm.data_dir)


def test_what_a_throw_away_server_wrote_is_flushed_before_a_durable_one_runs(
    data_dir: Path, processes: Processes
) -> None:
    attached = attach_sync(data_dir, durable=False)
    tell(attached.url, "CREATE TABLE kept AS SELECT 7 AS n")
    attached.detach(wait=20)
    assert processes(data_dir, "") == [], "detaching waited for the end"
    assert (data_dir / "postgres/unsynced").exists()
    with attach_sync(data_dir) as attached:
        assert ask(attached.url, "SHOW fsync") == "on"
        assert ask(attached.url, "SELECT n FROM kept") == 7
        assert not (data_dir / "postgres/unsynced").exists()


async def test_a_cancelled_attach_leaves_nothing(
    data_dir: Path, processes: Processes, until: Until, nothing_left: Callable[[], None]
) -> None:
    attaching = asyncio.create_task(attach(data_dir, durable=False))
    await asyncio.to_thread(until, lambda: processes(data_dir, SUPERVISOR))
    attaching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attaching
    await asyncio.to_thread(nothing_left)
