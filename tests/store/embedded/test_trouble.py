"""What goes wrong is said with what to do about it, and leaves neither processes nor half-made data."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from relevo.errors import EmbeddedPostgresError
from relevo.store.embedded import attach_sync, attachment
from relevo.store.embedded.account import Account
from relevo.store.embedded.binaries import find_binaries
from relevo.store.embedded.log import MAX_BYTES, Log, tail

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

REAL_VERSION = 'case "$*" in *--version*) echo "postgres (PostgreSQL) 18.4"; exit;; esac\n'


@pytest.fixture
def programs(data_dir: Path) -> Callable[[str, str], Path]:
    """Make a directory of an `initdb` and a `postgres` that are shell scripts, in the data directory's own place."""

    def make(initdb: str, postgres: str) -> Path:
        directory = data_dir / "bin"
        directory.mkdir()
        data_dir.chmod(0o755)
        for name, script in (("initdb", initdb), ("postgres", REAL_VERSION + postgres)):
            (directory / name).write_text(f"#!/bin/sh\n{script}\n")
            (directory / name).chmod(0o755)
        return directory

    return make


@pytest.fixture
def small_disk(data_dir: Path, nothing_left: Callable[[], None]) -> Generator[Path]:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", data_dir], check=False)
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk needs root and its rights")
    data_dir.chmod(0o755)
    yield data_dir
    nothing_left()
    subprocess.run(["umount", data_dir], check=True)


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("could not write to file: No space left on device", "Free space on the disk"),
        ("could not access directory: Permission denied", "own {place}"),
        ("could not create directory: Read-only file system", "read-only"),
        ("could not create shared memory segment", "shared memory"),
        ("something new", "DATABASE_URL"),
    ],
)
def test_a_failed_initdb_says_why_and_leaves_no_half_cluster(
    data_dir: Path, programs: Callable[[str, str], Path], said: str, advice: str
) -> None:
    binaries = programs(f'echo "initdb: error: {said}" >&2; exit 1', "exit 1")
    with pytest.raises(EmbeddedPostgresError) as failed:
        attach_sync(data_dir / "data", binaries=binaries)
    assert advice.format(place=data_dir / "data") in str(failed.value)
    assert said in str(failed.value)
    assert list((data_dir / "data/postgres").glob("cluster*")) == []


def test_a_full_disk_is_named(small_disk: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="disk is full"):
        attach_sync(small_disk, durable=False)


def test_a_server_that_dies_at_once_is_quoted(data_dir: Path, programs: Callable[[str, str], Path]) -> None:
    binaries = programs(
        'for last; do :; done; mkdir -p "$2"; echo 18 > "$2/PG_VERSION"',
        'case "$1" in --single) exit 0;; esac; echo "FATAL: the moon is full" >&2; exit 1',
    )
    with pytest.raises(EmbeddedPostgresError, match="the moon is full"):
        attach_sync(data_dir / "data", binaries=binaries)


def test_a_server_that_is_never_ready_is_given_up(
    data_dir: Path, programs: Callable[[str, str], Path], nothing_left: Callable[[], None]
) -> None:
    binaries = programs(
        'echo 18 > "$2/PG_VERSION"',
        'case "$1" in --single) exit 0;; esac; echo "LOG: redo in progress" >&2; exec /bin/sleep 60',
    )
    with pytest.raises(EmbeddedPostgresError, match="not ready in time") as late:
        attach_sync(data_dir / "data", binaries=binaries, start_timeout=1)
    assert "redo in progress" in str(late.value)
    nothing_left()


def test_data_of_another_major_version_is_refused(data_dir: Path, programs: Callable[[str, str], Path]) -> None:
    binaries = programs("exit 1", "exit 1")
    cluster = data_dir / "data/postgres/cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedPostgresError, match=r"made by PostgreSQL 16.*pg_dump"):
        attach_sync(data_dir / "data", binaries=binaries)


def test_a_data_directory_that_cannot_be_made_is_refused(data_dir: Path) -> None:
    (data_dir / "file").touch()
    with pytest.raises(EmbeddedPostgresError, match="opening the data directory failed"):
        attach_sync(data_dir / "file" / "data")


def test_a_data_directory_without_permission_is_refused(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(attachment, "prepare", refuse)
    with pytest.raises(EmbeddedPostgresError, match=f"own {data_dir}"):
        attach_sync(data_dir)


def test_unprintable_names_are_refused(data_dir: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match="unprintable"):
        attach_sync(data_dir / "a\nb")


def test_a_platform_without_the_wheel_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing(_name: str) -> None:
        return None

    monkeypatch.setattr("importlib.util.find_spec", find_nothing)
    me = Account("somebody", os.geteuid(), os.getegid())
    with pytest.raises(EmbeddedPostgresError, match="set DATABASE_URL"):
        find_binaries(None, me)


def test_a_supervisor_that_does_not_start_is_quoted(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/echo")
    with pytest.raises(EmbeddedPostgresError, match="did not start: -P -m"):
        attach_sync(data_dir)


def test_the_log_stays_small(data_dir: Path) -> None:
    path = data_dir / "server.log"
    log = Log(path)
    other = os.open(path, os.O_WRONLY | os.O_APPEND)
    os.write(other, b"x" * MAX_BYTES + b"\n")
    log.trim()
    os.write(other, b"after\n")
    log.say("goes on")
    assert path.stat().st_size < 200
    assert tail(path).startswith("after\n")
    assert tail(path).endswith("supervisor: goes on")
    assert (data_dir / "server.log.1").stat().st_size == MAX_BYTES + 1
    os.close(other)
    os.close(log.fd)
