"""How commands speak: for people on standard output, as JSON on request, errors on standard error."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn, ParamSpec, TypeVar

import typer

from relevo.errors import RelevoError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

P = ParamSpec("P")
R = TypeVar("R")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of text.")]


def command(function: Callable[P, R]) -> Callable[P, R]:
    """Turn what goes wrong on purpose into a message and exit code 1. Anything else is a defect and keeps its trace."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except RelevoError as error:
            fail(error, as_json=bool(kwargs.get("as_json")))
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except Exception as error:
            away = _database_away(error)
            if away is None:
                raise
            fail(away, as_json=bool(kwargs.get("as_json")))

    return wrapped


def fail(error: RelevoError, *, as_json: bool) -> NoReturn:
    """Say what went wrong, and exit with 1."""
    if as_json:
        write_json({"error": {"code": error.code, "message": str(error)}})
    else:
        sys.stderr.write(f"relevo: {error}\n")
    raise typer.Exit(1)


def write_json(value: object) -> None:
    """Print one JSON value."""
    import orjson

    sys.stdout.write(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode() + "\n")


def write_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows in columns; nothing fancy, so that it reads well in a pipe."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    console = Console()
    console.print(table, width=None if console.is_terminal else 200)  # a pipe has no width to fit into


def _database_away(error: Exception) -> RelevoError | None:
    from relevo.store.database import is_unavailable

    if not is_unavailable(error):
        return None
    cause = str(getattr(error, "orig", None) or error or type(error).__name__).strip().splitlines()
    return StoreError(f"The database cannot be used: {cause[0] if cause else type(error).__name__}")
