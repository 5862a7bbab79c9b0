"""Which conversations a list shows, newest activity first: each filter reads one range of an index. Reads ids only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from relevo.errors import InvalidRequestError
from relevo.store.database import fetch_all

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from relevo.store.database import Connection

Filter = Literal["all", "mine", "unassigned", "agent", "tasks", "unread"]

_ORDER = " order by v.last_message_at desc, v.id desc limit %(limit)s"
_AFTER = " and (v.last_message_at, v.id) < (%(after_last_message_at)s::timestamptz, %(after_id)s::uuid)"
_FROM = "select v.id, v.last_message_at from conversations v where v.workspace_id = %(workspace)s"
_WHERE: Mapping[str, str] = {
    "all": "",
    "unassigned": " and v.id in (select t.conversation_id from tasks t where t.workspace_id = %(workspace)s"
    " and t.status = 'open' and t.kind = 'handoff' and t.assignee_id is null)",
    "tasks": " and v.id in (select t.conversation_id from tasks t where t.workspace_id = %(workspace)s"
    " and t.status = 'open')",
    "agent": " and v.agent_conversational is not false"
    " and exists (select from agent_configs a where a.workspace_id = %(workspace)s and a.agent_enabled)",
}
_OWNED = " and v.owner_member_id = %(member)s"
_ASSIGNED = (
    " and v.id in (select t.conversation_id from tasks t where t.assignee_id = %(member)s"
    " and t.workspace_id = %(workspace)s and t.status = 'open')"
)
_UNREAD = """
select v.id, v.last_message_at, v.last_inbound_at > d.floor and exists (
    select from messages i
    where i.conversation_id = v.id and i.arrival > coalesce(r.read_arrival, 0) and i.direction = 'in'
      and i.kind <> 'reaction' and i.outcome_reason is distinct from 'past chat' and i.created_at > d.floor) as unread
from (select coalesce(f.read_until, m.created_at) as floor
      from members m left join inbox_floors f on f.member_id = m.id where m.id = %(member)s) d
cross join lateral (
    select * from conversations v
    where v.workspace_id = %(workspace)s and v.last_message_at > d.floor{narrow}
    order by v.last_message_at desc, v.id desc limit %(limit)s) v
left join lateral (
    -- `offset 0` keeps it a look-up for each: a join would read all marks of the member first.
    select read_arrival from conversation_reads
    where member_id = %(member)s and conversation_id = v.id offset 0) r on true
order by v.last_message_at desc, v.id desc
"""
WINDOWS = (200, 1000, 4000)
"""How many conversations are looked at for unread ones in one request, step by step."""


class Place(NamedTuple):
    """A conversation and where it stands in the list."""

    id: uuid.UUID
    last_message_at: datetime


class Picked(NamedTuple):
    """Ids of one page, and after which place the next begins (null: this was the last)."""

    places: list[Place]
    next_after: Place | None


class Wanted(NamedTuple):
    """Which conversations; `member_id` is whose `mine` and `unread` are."""

    workspace_id: uuid.UUID
    filter: Filter
    member_id: uuid.UUID | None
    channel_id: uuid.UUID | None
    contact_id: uuid.UUID | None


async def pick(connection: Connection, wanted: Wanted, after: Mapping[str, Any], limit: int) -> Picked:
    """Choose the conversations of one page.

    Raises:
        InvalidRequestError: `mine` or `unread`, and nobody is named whose.

    """
    if wanted.filter in ("mine", "unread") and wanted.member_id is None:
        raise InvalidRequestError("Say whose: sign in, or send the `Relevo-Member` header.")
    parameters = {
        "workspace": wanted.workspace_id,
        "member": wanted.member_id,
        "channel": wanted.channel_id,
        "contact": wanted.contact_id,
        **after,
    }
    if wanted.filter == "unread":
        return await _unread(connection, wanted, parameters, limit)
    narrow = _narrow(wanted, after)
    if wanted.filter == "mine":
        owned, assigned = (_FROM + which + narrow + _ORDER for which in (_OWNED, _ASSIGNED))
        statement = f"select v.id, v.last_message_at from (({owned}) union ({assigned})) v{_ORDER}"  # noqa: S608 - our own text
    else:
        statement = _FROM + _WHERE[wanted.filter] + narrow + _ORDER
    rows = await fetch_all(connection, statement, {**parameters, "limit": limit + 1})
    places = [Place(**row) for row in rows[:limit]]
    return Picked(places, places[-1] if len(rows) > limit else None)


async def _unread(connection: Connection, wanted: Wanted, parameters: dict[str, Any], limit: int) -> Picked:
    """Walk from the newest on, in growing steps. A page that is short although there is more says where to go on."""
    found: list[Place] = []
    after: dict[str, Any] = parameters
    seen: Place | None = None
    for window in WINDOWS:
        statement = _UNREAD.format(narrow=_narrow(wanted, after))
        rows: Sequence[Mapping[str, Any]] = await fetch_all(connection, statement, {**after, "limit": window})
        for row in rows:
            seen = Place(row["id"], row["last_message_at"])
            if row["unread"]:
                if len(found) == limit:
                    return Picked(found, found[-1])
                found.append(seen)
        if len(rows) < window or seen is None:
            return Picked(found, None)
        after = {**parameters, "after_last_message_at": seen.last_message_at, "after_id": seen.id}
    return Picked(found, seen)


def _narrow(wanted: Wanted, after: Mapping[str, Any]) -> str:
    """Conditions are written only where they apply, so that each plan is that of its range."""
    return (
        (" and v.channel_id = %(channel)s" if wanted.channel_id else "")
        + (" and v.contact_id = %(contact)s" if wanted.contact_id else "")
        + (_AFTER if after["after_id"] else "")
    )
