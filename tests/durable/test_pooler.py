"""Behind a pooler in transaction mode: no statement counts on what an earlier one left in its session."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy.engine import make_url

from relevo.simulator.simulator import Simulator
from relevo.store.database import Database
from relevo.store.schema import migrate
from support.echo_agent import EchoAgent, OneAgent
from support.forks import free_port
from support.play import write
from support.service import running

if TYPE_CHECKING:
    from collections.abc import Generator

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
SETTINGS = """
[databases]
{name} = host={host} port={port} dbname={name} user={user}{password}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
server_reset_query =
logfile = {directory}/log
"""


@contextmanager
def pgbouncer(url: str, directory: Path) -> Generator[str]:
    """Run PgBouncer before a database, with fewer sessions than there are clients; the URL through it."""
    assert PGBOUNCER is not None
    address, listen = make_url(url), free_port()
    directory.chmod(0o777)
    file = directory / "pgbouncer.ini"
    host = address.host or str(address.query["host"])
    port = address.port or address.query.get("port", 5432)
    secret = f" password={address.password}" if address.password else ""
    file.write_text(
        SETTINGS.format(
            name=address.database, host=host, port=port,
            user=address.username, password=secret, listen=listen, directory=directory,
        )
    )  # fmt: skip
    # It refuses to run as root; the owner of the server's socket may connect to it.
    owner = Path(host, f".s.PGSQL.{port}").stat()
    user, group = (owner.st_uid, owner.st_gid) if os.geteuid() == 0 else (None, None)
    process = subprocess.Popen([PGBOUNCER, "-q", str(file)], user=user, group=group, extra_groups=[] if group else None)
    through = f"postgresql://{address.username}@127.0.0.1:{listen}/{address.database}"
    try:
        for _ in range(100):
            try:
                psycopg.connect(through, connect_timeout=2).close()
                break
            except psycopg.OperationalError:
                assert process.poll() is None, (directory / "log").read_text()
                signal.sigtimedwait([], 0.05)
        yield through
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.skipif(PGBOUNCER is None, reason="needs PgBouncer (apt-get install pgbouncer)")
async def test_a_service_behind_pgbouncer_answers_everybody(database_url: str) -> None:
    # Not pytest's directory, which only its owner may enter: PgBouncer refuses to run as root.
    with (
        TemporaryDirectory(prefix="relevo-", dir="/tmp") as directory,
        pgbouncer(database_url, Path(directory)) as through,
    ):
        await asyncio.to_thread(migrate, through)
        async with (
            Simulator() as sim,
            running(
                through, sim.numbers[0], OneAgent(EchoAgent()), sim.base_url, workers=2, database_pooled=True,
                database_direct_url=database_url, database_pool=8,
            ) as service,
        ):  # fmt: skip
            sim.connect(service.webhook)
            customers = [sim.customer(f"57300{index:07d}") for index in range(12)]
            await asyncio.gather(*(write(customer, 4, 0.02) for customer in customers))
            await sim.delivered(timeout=60)
            await service.idle(60)
        report = sim.ledger.report(echo=True)
        assert report.ok, report.explain()
        assert report.answered + report.coalesced == report.expecting == 48


async def test_pooled_connections_prepare_nothing_and_leave_nothing_in_their_session(database_url: str) -> None:
    """What a pooler would hand on to somebody else: prepared statements, settings, locks, listens, temporary tables."""
    async with Simulator() as sim:
        async with running(
            database_url, sim.numbers[0], OneAgent(EchoAgent()), sim.base_url, database_pooled=True
        ) as service:
            sim.connect(service.webhook)
            customer = sim.customer("573001112233")
            await write(customer, 8, 0.02)
            await sim.delivered()
            await service.idle()
            database = service.relevo.database
            assert database.listen_url is None
            for _ in range(3):
                async with database.reading() as connection:
                    left = await (await connection.execute(LEFT_BEHIND)).fetchone()
                assert left == {"prepared": 0, "locks": 0, "listening": 0, "temporary": 0, "settings": 0}
        report = sim.ledger.report(echo=True)
        assert report.ok, report.explain()


LEFT_BEHIND = """
select (select count(*) from pg_prepared_statements) as prepared,
       (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks,
       (select count(*) from pg_listening_channels()) as listening,
       (select count(*) from pg_class where relpersistence = 't' and relnamespace = pg_my_temp_schema()) as temporary,
       (select count(*) from pg_settings where source = 'session' and name not like '%jit%') as settings
"""


async def test_without_a_pooler_statements_are_prepared_and_wake_ups_heard(database_url: str) -> None:
    database = Database(database_url)
    try:
        assert database.listen_url == database_url
        async with database.reading() as connection:
            for _ in range(10):
                await connection.execute("select 1")
            prepared = await (await connection.execute("select count(*) as n from pg_prepared_statements")).fetchone()
        assert prepared is not None
        assert prepared["n"] > 0
    finally:
        await database.close()
