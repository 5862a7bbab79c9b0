"""Short directories for real servers; each test proves by its end that no process of its server is left."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_PATIENCE_SECONDS = 20.0


@pytest.fixture(scope="session")
def until() -> Callable[[Callable[[], object]], None]:
    """Wait for something that must come true."""

    def wait(done: Callable[[], object]) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not done():
            assert time.monotonic() < deadline, "did not happen in time"
            time.sleep(0.05)

    return wait


@pytest.fixture(scope="session")
def processes() -> Callable[[Path, str], list[psutil.Process]]:
    """Find the processes of a directory's server that have a word on their command line."""

    def find(data_dir: Path, word: str) -> list[psutil.Process]:
        found: list[psutil.Process] = []
        for process in psutil.process_iter():
            try:
                command = process.cmdline()
            except psutil.Error:
                continue
            ours = any(part.startswith(str(data_dir)) for part in command)
            if ours and "-c" not in command[1:2] and any(word in part for part in command):
                found.append(process)
        return found

    return find


@pytest.fixture
def nothing_left(
    data_dir: Path,
    until: Callable[[Callable[[], object]], None],
    processes: Callable[[Path, str], list[psutil.Process]],
) -> Callable[[], None]:
    """Wait until no process of the directory's server runs."""
    return lambda: until(lambda: not processes(data_dir, ""))


@pytest.fixture
def data_dir(
    until: Callable[[Callable[[], object]], None], processes: Callable[[Path, str], list[psutil.Process]]
) -> Generator[Path]:
    """Make an empty directory; whatever the test did, no process may be left in the end."""
    directory = Path(tempfile.mkdtemp(dir="/tmp", prefix="relevo-test-"))
    yield directory
    until(lambda: not processes(directory, ""))
    shutil.rmtree(directory, ignore_errors=True)
