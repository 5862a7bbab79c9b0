"""Makes the cluster (all or nothing) and writes the server's configuration. Starts no server."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from relevo.errors import EmbeddedPostgresError

from .memory import available_memory, memory_settings
from .status import DATABASE, ROLE
from .trouble import trouble

if TYPE_CHECKING:
    from pathlib import Path

    from .account import Account
    from .binaries import Binaries
    from .layout import Layout

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}  # nothing of PG*, LD_* or the user's own

_HEAD = "# Written by Relevo at each start. Your own settings go into local.conf beside this file.\n"
_CONFIGURATION = """\
max_connections = 200
work_mem = 8MB
maintenance_work_mem = 64MB
io_method = sync                    # the working set of a shop is in memory: three I/O processes would idle
max_worker_processes = 4
max_parallel_workers = 2
max_parallel_workers_per_gather = 1
jit = off                           # compiling costs more than our short queries do
min_wal_size = 80MB
max_wal_size = 1GB
checkpoint_timeout = 15min
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
client_encoding = 'UTF8'
log_line_prefix = '%m [%p] '
log_min_messages = log              # a failed statement is its sender's to report:
log_min_error_statement = panic     # its text and the values in it may be a
log_error_verbosity = terse         # customer's words and do not belong in a log
log_checkpoints = off
include_if_exists = 'local.conf'
"""


def ensure_cluster(layout: Layout, binaries: Binaries, account: Account, *, durable: bool) -> None:
    """Make the cluster with its role and database if there is none; check that an existing one is ours to run.

    Raises `EmbeddedPostgresError` for one of another major version or owner, and when making one fails.
    """
    if layout.cluster.exists():
        _check(layout, binaries, account)
    else:
        _make(layout, binaries, account, durable=durable)
    if not durable:
        layout.unsynced.touch(mode=0o600)
    elif layout.unsynced.exists():
        _run([binaries.initdb, "--sync-only", "-D", str(layout.cluster)], "flushing the data to disk", layout, account)
        layout.unsynced.unlink()


def write_configuration(layout: Layout, account: Account) -> list[str]:
    """Write the server's settings and who may connect; returns the arguments that make it read them."""
    texts = {
        "config_file": ("postgresql.conf", _HEAD + memory_settings(available_memory()) + _CONFIGURATION),
        "hba_file": ("pg_hba.conf", "local all,replication all peer map=relevo\n"),
        "ident_file": (
            "pg_ident.conf",
            "".join(f'relevo "{name}" {ROLE}\n' for name in sorted({account.name, "root"})),
        ),
    }
    arguments: list[str] = []
    for setting, (name, text) in texts.items():
        path = layout.home / name
        draft = path.with_suffix(".new")
        draft.write_text(text, encoding="utf-8")
        account.let_read(draft)
        draft.replace(path)
        arguments += ["-c", f"{setting}={path}"]
    return arguments


def _check(layout: Layout, binaries: Binaries, account: Account) -> None:
    version = (layout.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    if version != binaries.major:
        raise EmbeddedPostgresError(
            f"{layout.cluster} was made by PostgreSQL {version}, and this Relevo brings {binaries.version}. Start the "
            f"Relevo that made it, dump its data (pg_dump), and restore it into a new data directory."
        )
    owner = layout.cluster.stat().st_uid
    if owner != account.uid:
        raise EmbeddedPostgresError(
            f"{layout.cluster} belongs to user id {owner}, but the server would run as {account.name}: give it back "
            f"with `chown -R {account.name} {layout.cluster}`, or run Relevo as its owner."
        )


def _make(layout: Layout, binaries: Binaries, account: Account, *, durable: bool) -> None:
    """Prepare beside the final place and rename: a cluster that exists is complete."""
    for left in layout.home.glob("cluster.new-*"):  # by a start that was killed
        shutil.rmtree(left, ignore_errors=True)
    draft = layout.home / f"cluster.new-{os.getpid()}"
    draft.mkdir(mode=0o700)
    account.own(draft)
    try:
        command = [binaries.initdb, "-D", str(draft), f"--username={ROLE}", "--encoding=UTF8", "--no-instructions"]
        command += ["--auth-local=peer", "--auth-host=reject", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["--locale=C"] + ([] if durable else ["--no-sync"])
        _run(command, "making the database cluster", layout, account)
        single = [binaries.postgres, "--single", "-D", str(draft), "-c", "exit_on_error=on"]
        single += ([] if durable else ["-c", "fsync=off"]) + ["postgres"]
        _run(single, "making the database", layout, account, said=f"CREATE DATABASE {DATABASE};\n")
        draft.rename(layout.cluster)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _flush(layout.home)


def _run(command: list[str], doing: str, layout: Layout, account: Account, said: str = "") -> None:
    done = subprocess.run(  # noqa: S603 - our own programs and paths
        command,
        user=account.user,
        group=account.group,
        extra_groups=account.groups,
        env=ENVIRONMENT,
        cwd="/",
        umask=0o077,
        input=said,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise trouble(doing, "\n".join(done.stdout.splitlines()[-12:]), layout.data_dir)


def _flush(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
