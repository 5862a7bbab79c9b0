"""Keyset pagination: `?limit&cursor`, newest first, `{items, next_cursor}`. Stable while rows are added."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar, cast

import orjson
from pydantic import BaseModel, Field

from relevo.errors import InvalidRequestError
from relevo.store.database import Row

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="How many items.")]
Cursor = Annotated[str | None, Field(description="`next_cursor` of the page before.")]


Item = TypeVar("Item", bound=BaseModel)


class Page(BaseModel, Generic[Item]):
    """One page of a list, newest first."""

    items: list[Item]
    next_cursor: str | None = None
    """Where the next page begins; null: this was the last."""


def place(cursor: str | None, *names: str) -> dict[str, Any]:
    """Read a cursor into parameters `after_<name>`; all null without one.

    Raises:
        InvalidRequestError: it is not one of ours.

    """
    if cursor is None:
        return {f"after_{name}": None for name in names}
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        values = None
    if not isinstance(values, list) or len(cast("list[Any]", values)) != len(names):
        raise InvalidRequestError("This cursor cannot be read: use `next_cursor` of a page as it is.")
    return {f"after_{name}": value for name, value in zip(names, cast("list[Any]", values), strict=True)}


def page(rows: Sequence[Row], limit: int, form: type[Item], *names: str) -> Page[Item]:
    """Make a page of rows that were asked for with one more than `limit`."""
    items = [form.model_validate(dict(row)) for row in rows[:limit]]
    if len(rows) <= limit:
        return Page[form](items=items)
    return Page[form](items=items, next_cursor=cursor_after(*(rows[limit - 1][name] for name in names)))


def cursor_after(*values: object) -> str:
    """Write the cursor of the page after the item with these values."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(orjson.dumps(plain, default=str)).decode().rstrip("=")
