"""One server per data directory, alive exactly as long as a process is attached, whatever is killed."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psycopg
import pytest

from relevo.errors import EmbeddedPostgresError
from relevo.store.embedded import attach, attach_sync
from relevo.store.embedded.account import server_account
from relevo.store.embedded.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    import psutil

    Until = Callable[[Callable[[], object]], None]
    Processes = Callable[[str], list[psutil.Process]]

POSTMASTER, SUPERVISOR = "unix_socket_directories", "relevo.store.embedded.supervisor"

_ATTACHER = """
import sys
from pathlib import Path
from relevo.store.embedded import attach_sync
attached = attach_sync(Path(sys.argv[1]), durable=False)
print(attached.url, flush=True)
sys.stdin.read()
"""


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


def test_a_server_keeps_what_relevo_counts_on(data_dir: Path, processes: Processes) -> None:
    with attach_sync(data_dir) as attached, psycopg.connect(attached.url) as connection:
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
        for setting, value in expected.items():
            row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
            assert row == (value,), setting
        row = connection.execute(
            "SELECT current_user, current_database(), upper('ñandú'), rolsuper FROM pg_roles "
            "WHERE rolname = current_user"
        ).fetchone()
        assert row == ("relevo", "relevo", "ÑANDÚ", True)
        assert [c for process in processes(POSTMASTER) for c in process.net_connections("inet")] == []


def test_attaching_again_shares_the_server(data_dir: Path, processes: Processes) -> None:
    with attach_sync(data_dir, durable=False) as first, attach_sync(data_dir, durable=False) as second:
        assert first.url == second.url
        first.detach()
        assert answers(second.url)
        assert len(processes(POSTMASTER)) == 1


def test_data_outlives_the_server(data_dir: Path, processes: Processes) -> None:
    attached = attach_sync(data_dir)
    tell(attached.url, "CREATE TABLE kept AS SELECT 7 AS n")
    attached.detach(wait=20)
    assert processes("") == []
    with attach_sync(data_dir) as again:
        assert ask(again.url, "SELECT n FROM kept") == 7


def test_eight_processes_at_once_get_one_server(attacher: Callable[[], Attacher], processes: Processes) -> None:
    urls = {one.url() for one in [attacher() for _ in range(8)]}
    assert len(urls) == 1
    assert answers(urls.pop())
    assert len(processes(POSTMASTER)) == 1
    assert len(processes(SUPERVISOR)) == 1


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_owner_leaves_nothing_running(
    attacher: Callable[[], Attacher], processes: Processes, until: Until, sign: signal.Signals, data_dir: Path
) -> None:
    owner = attacher()
    assert answers(owner.url())
    owner.end(sign)
    until(lambda: not processes(""))
    assert not (data_dir / "postgres/cluster/postmaster.pid").exists(), "stopped, not killed"


def test_the_server_stays_for_those_who_remain(
    data_dir: Path, attacher: Callable[[], Attacher], processes: Processes
) -> None:
    owner = attacher()
    owner.url()
    with attach_sync(data_dir, durable=False) as other:
        before = ask(other.url, "SELECT pg_postmaster_start_time()")
        owner.end()
        time.sleep(1.5)  # longer than the supervisor lingers
        assert ask(other.url, "SELECT pg_postmaster_start_time()") == before
        assert len(processes(SUPERVISOR)) == 1


def test_a_killed_server_comes_back_with_its_data(data_dir: Path, processes: Processes, until: Until) -> None:
    with attach_sync(data_dir) as attached:
        tell(attached.url, "CREATE TABLE kept AS SELECT 7 AS n")
        for _ in range(2):
            (server,) = processes(POSTMASTER)
            server.kill()
            until(lambda: not server.is_running())  # noqa: B023 - waited for within the round
            until(lambda: answers(attached.url))
            assert ask(attached.url, "SELECT n FROM kept") == 7


def test_a_server_whose_supervisor_was_killed_is_adopted(data_dir: Path, processes: Processes, until: Until) -> None:
    with attach_sync(data_dir, durable=False) as first:
        before = ask(first.url, "SELECT pg_postmaster_start_time()")
        (killed,) = processes(SUPERVISOR)
        killed.kill()
        until(lambda: not killed.is_running())
        with attach_sync(data_dir, durable=False) as second:
            assert ask(second.url, "SELECT pg_postmaster_start_time()") == before
            (adopter,) = processes(SUPERVISOR)
            assert adopter.pid != killed.pid


def test_those_attached_replace_a_killed_supervisor(data_dir: Path, processes: Processes, until: Until) -> None:
    with attach_sync(data_dir, durable=False) as attached:
        before = ask(attached.url, "SELECT pg_postmaster_start_time()")
        (killed,) = processes(SUPERVISOR)
        killed.kill()
        until(lambda: [p.pid for p in processes(SUPERVISOR)] not in ([], [killed.pid]))
        assert ask(attached.url, "SELECT pg_postmaster_start_time()") == before


def test_the_last_to_detach_leaves_no_orphan_of_a_killed_supervisor(
    data_dir: Path, processes: Processes, until: Until
) -> None:
    with attach_sync(data_dir, durable=False):
        (killed,) = processes(SUPERVISOR)
        killed.kill()
        until(lambda: not killed.is_running())
    until(lambda: not processes(""))
    assert not (data_dir / "postgres/cluster/postmaster.pid").exists(), "stopped, not killed"


def test_an_adopted_server_comes_back_too(data_dir: Path, processes: Processes, until: Until) -> None:
    with attach_sync(data_dir, durable=False) as first:
        (killed,) = processes(SUPERVISOR)
        killed.kill()
        until(lambda: not killed.is_running())
        with attach_sync(data_dir, durable=False):
            (server,) = processes(POSTMASTER)
            server.kill()
            until(lambda: [p.pid for p in processes(POSTMASTER)] not in ([], [server.pid]))
            until(lambda: answers(first.url))


def test_killing_everything_at_once_loses_nothing_committed(
    data_dir: Path, attacher: Callable[[], Attacher], processes: Processes, until: Until
) -> None:
    owner = attacher()
    tell(owner.url(), "CREATE TABLE kept AS SELECT 7 AS n")
    for process in processes(""):
        process.kill()
    owner.end()
    until(lambda: not processes(""))
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


def test_a_server_whose_data_is_removed_ends(data_dir: Path, processes: Processes, until: Until) -> None:
    with attach_sync(data_dir, durable=False):
        data_dir.rename(data_dir.with_suffix(".gone"))
        data_dir.with_suffix(".gone").rename(data_dir)  # moved there and back: nothing happens
        assert len(processes(POSTMASTER)) == 1
        (data_dir / "postgres/attached.lock").unlink()
        until(lambda: not processes(""))


def test_a_throw_away_server_is_not_taken_for_a_durable_one(data_dir: Path) -> None:
    with attach_sync(data_dir, durable=False) as attached:
        assert ask(attached.url, "SHOW fsync") == "off"
        with pytest.raises(EmbeddedPostgresError, match="without durability"):
            attach_sync(data_dir)
    attached.detach()
    with attach_sync(data_dir, durable=False) as attached:
        attached.detach(wait=20)
    assert (data_dir / "postgres/unsynced").exists()
    with attach_sync(data_dir) as attached:
        assert ask(attached.url, "SHOW fsync") == "on"
        assert not (data_dir / "postgres/unsynced").exists()


async def test_attaching_does_not_hold_up_the_event_loop(data_dir: Path) -> None:
    attaching = asyncio.create_task(attach(data_dir, durable=False))
    turns = 0
    while not attaching.done():
        turns += 1
        await asyncio.sleep(0.01)
    assert turns > 3
    attached = await attaching
    assert await asyncio.to_thread(answers, attached.url)
    attached.detach()


async def test_a_cancelled_attach_leaves_nothing(data_dir: Path, processes: Processes, until: Until) -> None:
    attaching = asyncio.create_task(attach(data_dir, durable=False))
    await asyncio.to_thread(until, lambda: processes(SUPERVISOR))
    attaching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await attaching
    await asyncio.to_thread(until, lambda: not processes(""))
