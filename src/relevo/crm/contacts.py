"""What changes about a contact: preferences and identities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.store.database import execute, to_json

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from relevo.crm.identities import Correspondent
    from relevo.store.database import Connection

_MARKETING = """
with changed as (
    update contacts set marketing_opted_out_at = case when %(stop)s then %(at)s::timestamptz end
    where id = %(contact)s returning id, workspace_id
)
insert into events (workspace_id, type, data)
select workspace_id, 'contact.preference', jsonb_build_object('contactId', id, 'marketing', not %(stop)s) from changed
"""

_LEARN = """
insert into contact_identities (workspace_id, kind, value, contact_id)
values (%(workspace)s, %(kind)s, %(value)s, %(contact)s)
on conflict do nothing
"""

_CHANGE = """
with changed as (
    update contacts
    set name = coalesce(%(name)s, name),
        fields = fields || %(fields)s::jsonb,
        tags = array(select distinct unnest(tags || %(tags)s::text[])),
        opted_out_at = case when %(opt_out)s::boolean is null then opted_out_at
                            when %(opt_out)s::boolean then now() end
    where id = %(contact)s
    returning id, workspace_id
)
insert into events (workspace_id, type, data)
select workspace_id, 'contact.changed', jsonb_build_object('contactId', id, 'optOut', %(opt_out)s::boolean) from changed
"""


async def set_marketing_preference(connection: Connection, contact_id: uuid.UUID, *, stop: bool, at: datetime) -> None:
    """Note that the customer wants no marketing any more, or wants it again (set in WhatsApp itself)."""
    await execute(connection, _MARKETING, {"contact": contact_id, "stop": stop, "at": at})


async def learn_identity(connection: Connection, contact_id: uuid.UUID, now_known_as: Correspondent) -> None:
    """Attach the identities a contact changed to. One that belongs to somebody else stays with them."""
    for kind, value in now_known_as.identities:
        await execute(
            connection,
            _LEARN,
            {"workspace": now_known_as.workspace_id, "kind": kind, "value": value, "contact": contact_id},
        )


async def apply_contact_changes(
    connection: Connection,
    contact_id: uuid.UUID,
    *,
    name: str | None,
    fields: Mapping[str, str],
    tags: Sequence[str],
    opt_out: bool | None = None,
) -> None:
    """Write what was learned about the contact; `opt_out` None leaves their wish as it is."""
    if not (tags or fields or name or opt_out is not None):
        return
    await execute(
        connection,
        _CHANGE,
        {
            "contact": contact_id,
            "name": name,
            "fields": to_json(dict(fields)),
            "tags": list(tags),
            "opt_out": opt_out,
        },
    )
