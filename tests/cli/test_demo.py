"""The demo as a new user meets it: its own Postgres, real processes, judged by the simulator alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def env() -> Generator[dict[str, str]]:
    directory = Path(tempfile.mkdtemp(prefix="relevo-demo-", dir="/tmp"))
    directory.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RELEVO_")}
    yield {**kept, "RELEVO_DATA_DIR": str(directory / "data"), "COLUMNS": "100"}
    shutil.rmtree(directory, ignore_errors=True)


def demo(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "relevo", "demo", "--exit", "--speed", "4", *arguments],
        env=env, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip


def test_a_morning_ends_with_nothing_lost_doubled_or_out_of_turn(env: dict[str, str]) -> None:
    result = demo(env, "--customers", "12", "--json")
    assert result.returncode == 0, result.stderr + result.stdout
    told = json.loads(result.stdout)
    assert told["ok"]
    assert told["report"]["customers"] == 12
    assert told["report"]["messages_in"] >= 12
    assert told["report"]["accepted"] >= 12
    password = re.search(r"password +(\S+)", result.stderr)
    assert password is not None
    again = demo(env, "--customers", "3", "--faults", "none")
    assert again.returncode == 0, again.stderr + again.stdout
    assert "Nothing lost, nothing doubled" in again.stdout
    assert "time to first reply" in again.stdout
    assert "duena@tostadora.example" in again.stdout
    assert password[1] in again.stdout
    assert "/phone" in again.stdout
