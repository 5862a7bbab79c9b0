"""Reads the event log in order and without gaps: what is shown is final, nothing can appear before it later.

Ids are given out before transactions commit, so reading by id alone would skip whoever commits late. The order of the
log is therefore (transaction, id), and a reader stops below the oldest transaction that is still running.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from relevo.errors import InvalidRequestError
from relevo.store.database import fetch_all, fetch_one

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from relevo.store.database import Connection, Row

_AFTER = """
select id, xact::text::bigint as xact, conversation_id, type, data, created_at
from events
where workspace_id = %(workspace)s
  and (xact, id) > (%(xact)s::text::xid8, %(id)s)
  and xact < pg_snapshot_xmin(pg_current_snapshot())
  and (%(types)s::text[] is null or type = any(%(types)s))
order by xact, id
limit %(limit)s
"""
_NOW = "select (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1) as xact"
LAST_ID = 2**63 - 1


class Place(NamedTuple):
    """A place in the log: after that event."""

    xact: int
    id: int

    def __str__(self) -> str:
        """Write it as readers carry it about."""
        return f"{self.xact}-{self.id}"

    @classmethod
    def read(cls, text: str) -> Place:
        """Read what `str` wrote.

        Raises:
            InvalidRequestError: it is something else.

        """
        xact, _, number = text.partition("-")
        if not (xact.isascii() and number.isascii() and xact.isdigit() and number.isdigit()):
            raise InvalidRequestError(f"`{text}` is no place in the event log.")
        return cls(int(xact) % 2**64, min(int(number), LAST_ID))


async def end_of_log(connection: Connection) -> Place:
    """Return the place after everything that is final now."""
    row = await fetch_one(connection, _NOW, {})
    return Place(row["xact"] if row else 0, LAST_ID)


async def events_after(
    connection: Connection,
    workspace_id: uuid.UUID,
    place: Place,
    *,
    limit: int,
    types: Sequence[str] | None = None,
) -> Sequence[Row]:
    """Return the next events of a workspace that are final, in the order of the log."""
    return await fetch_all(
        connection,
        _AFTER,
        {
            "workspace": workspace_id,
            "xact": str(place.xact),
            "id": place.id,
            "limit": limit,
            "types": None if types is None else list(types),
        },
    )
