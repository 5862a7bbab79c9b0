"""Runs `relevo` commands in this process, against the test's own database."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from typer.testing import CliRunner, Result

from relevo.cli.commands import app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


KEY = "a test key, long enough"


class Relevo:
    """The command line, with the environment an operator would set."""

    def __init__(self, database_url: str, data_dir: Path) -> None:
        self.database_url = database_url
        kept = {name: None for name in os.environ if name.startswith("RELEVO_")}
        self.environment: dict[str, str | None] = {
            **kept,
            "RELEVO_DATABASE_URL": database_url,
            "RELEVO_SECRET_KEY": KEY,
            "RELEVO_DATA_DIR": str(data_dir),
            "COLUMNS": "120",
        }

    def __call__(self, *arguments: str, exits: int = 0, text: str | None = None) -> Result:
        result = CliRunner().invoke(app, list(arguments), env=self.environment, input=text)
        assert result.exit_code == exits, f"{result.output}\n{result.stderr}\n{result.exception!r}"
        return result

    def json(self, *arguments: str, exits: int = 0) -> Any:
        return json.loads(self(*arguments, "--json", exits=exits).stdout)

    def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(statement, parameters)  # pyright: ignore[reportArgumentType, reportCallIssue] - literals of tests
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def relevo(database_url: str, tmp_path: Path) -> Relevo:
    return Relevo(database_url, tmp_path)


@pytest.fixture
def shop(relevo: Relevo) -> str:
    """A shop that exists."""
    relevo("workspace", "create", "Tienda")
    return "Tienda"


@pytest.fixture
def add_meta(relevo: Relevo, shop: str) -> Callable[..., Any]:
    """Connects a number through Meta."""

    def add(number: str = "106540352242922", secret: str = "app-secret") -> Any:
        return relevo.json(
            "channel", "add", "--workspace", shop, "--provider", "meta", "--phone-number-id", number, "--phone",
            f"+57300{number[-7:]}", "--access-token", "EAAtoken", "--app-secret", secret, "--verify-token", "verify-me",
        )  # fmt: skip

    return add
