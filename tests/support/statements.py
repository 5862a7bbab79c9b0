"""Watches what goes to the database: every statement, and every commit of a transaction."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


@contextmanager
def counted() -> Generator[list[str]]:
    """The statements that were run while the block lasts, in order."""
    seen: list[str] = []
    with watched(before=seen.append):
        yield seen


@contextmanager
def watched(
    *,
    before: Callable[[str], None] = lambda _: None,
    after: Callable[[str], None] = lambda _: None,
    before_commit: Callable[[], str] = lambda: "",
    after_commit: Callable[[str], None] = lambda _: None,
) -> Generator[None]:
    """Call back around every statement and every commit; `after_commit` gets what `before_commit` returned."""
    connection: Any = psycopg.AsyncConnection
    transaction: Any = psycopg.AsyncTransaction
    execute, leave = connection.execute, transaction.__aexit__

    async def watched_execute(self: Any, query: Any, *rest: Any, **options: Any) -> Any:
        before(query)
        result = await execute(self, query, *rest, **options)
        after(query)
        return result

    async def watched_leave(self: Any, kind: Any, error: Any, trace: Any) -> Any:
        if kind is not None:
            return await leave(self, kind, error, trace)
        token = before_commit()
        result = await leave(self, kind, error, trace)
        after_commit(token)
        return result

    connection.execute, transaction.__aexit__ = watched_execute, watched_leave
    try:
        yield
    finally:
        connection.execute, transaction.__aexit__ = execute, leave
