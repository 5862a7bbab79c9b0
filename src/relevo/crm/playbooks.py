"""A shop's own playbooks: kept version by version. Knows nothing of what stands in them; who saves has checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relevo.errors import ConflictError, InvalidRequestError, NotFoundError
from relevo.store.database import IntegrityError, execute, fetch_all, fetch_one, to_json

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from relevo.store.database import Connection, Row

MAX_TEXT = 500_000
"""Characters. The largest that ships with Relevo has 45,000."""
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?")

_FIRST = """
with made as (
    insert into playbooks (workspace_id, slug, version) values (%(workspace)s, %(slug)s, 1) returning slug
)
insert into playbook_versions (workspace_id, slug, version, text, member_id)
select %(workspace)s, slug, 1, %(text)s, %(member)s from made
"""
_NEXT = """
with moved as (
    update playbooks set version = version + 1, updated_at = now()
    where workspace_id = %(workspace)s and slug = %(slug)s and version = %(base)s
    returning slug, version
)
insert into playbook_versions (workspace_id, slug, version, text, member_id)
select %(workspace)s, slug, version, %(text)s, %(member)s from moved
"""
_VERSION = """
select v.slug, v.version, v.text, v.created_at, v.member_id, m.name as member_name, p.version as current
from playbooks p
join playbook_versions v on v.workspace_id = p.workspace_id and v.slug = p.slug
                        and v.version = coalesce(%(version)s, p.version)
left join members m on m.id = v.member_id
where p.workspace_id = %(workspace)s and p.slug = %(slug)s
"""
_VERSIONS = """
select v.version, v.created_at, v.member_id, m.name as member_name, length(v.text) as characters
from playbook_versions v left join members m on m.id = v.member_id
where v.workspace_id = %(workspace)s and v.slug = %(slug)s
  and (%(after_version)s::int is null or v.version < %(after_version)s::int)
order by v.version desc limit %(limit)s
"""
_ALL = """
select p.slug, p.version, p.updated_at, v.text
from playbooks p
join playbook_versions v on v.workspace_id = p.workspace_id and v.slug = p.slug and v.version = p.version
where p.workspace_id = %(workspace)s order by p.slug
"""
_FILL = """
insert into playbook_settings (workspace_id, slug, values) values (%(workspace)s, %(slug)s, %(values)s::jsonb)
on conflict (workspace_id, slug) do update set values = excluded.values, version = playbook_settings.version + 1
"""
_TELL = """
insert into events (workspace_id, type, data) values (%(workspace)s, %(type)s, %(data)s::jsonb)
"""


@dataclass(frozen=True, slots=True)
class PlaybookText:
    """One version of a playbook."""

    slug: str
    version: int
    text: str
    created_at: datetime
    member_id: uuid.UUID | None
    member_name: str | None
    current: int
    """The version in force."""


async def save_playbook(
    connection: Connection,
    workspace_id: uuid.UUID,
    slug: str,
    text: str,
    *,
    base_version: int | None,
    member_id: uuid.UUID | None,
) -> int:
    """Append a version, which is in force from then on; returns its number. `base_version` None: a new playbook.

    Raises:
        ConflictError: somebody saved in between, or there is one of that name already.
        InvalidRequestError: the name cannot be one, or the text is too long.

    """
    if not _SLUG.fullmatch(slug):
        raise InvalidRequestError(f"`{slug}` cannot be a playbook's name: use a-z, 0-9, - and _, 63 at most.")
    if len(text) > MAX_TEXT:
        raise InvalidRequestError(f"The playbook has more than {MAX_TEXT:,} characters.")
    if "\0" in text:
        raise InvalidRequestError("The playbook holds a zero character.")
    values = {"workspace": workspace_id, "slug": slug, "text": text, "member": member_id, "base": base_version}
    try:
        saved = await execute(connection, _FIRST if base_version is None else _NEXT, values)
    except IntegrityError:
        saved = 0
    if not saved:
        raise ConflictError(
            f"There is a playbook `{slug}` already." if base_version is None
            else f"Somebody saved `{slug}` in between: look at what changed, then save on top of that."
        )  # fmt: skip
    version = (base_version or 0) + 1
    await _tell(
        connection, workspace_id, "playbook.saved", {"playbook": slug, "version": version, "memberId": member_id}
    )
    return version


async def read_playbook(
    connection: Connection, workspace_id: uuid.UUID, slug: str, version: int | None = None
) -> PlaybookText:
    """Return a version of a shop's own playbook; without `version`, the one in force.

    Raises:
        NotFoundError: there is none.

    """
    found = await find_playbook(connection, workspace_id, slug, version)
    if found is None:
        which = f"`{slug}`" if version is None else f"`{slug}` in version {version}"
        raise NotFoundError(f"There is no playbook {which} of this shop's own.")
    return found


async def find_playbook(
    connection: Connection, workspace_id: uuid.UUID, slug: str, version: int | None = None
) -> PlaybookText | None:
    """As `read_playbook`, None where there is none."""
    row = await fetch_one(connection, _VERSION, {"workspace": workspace_id, "slug": slug, "version": version})
    return PlaybookText(**row) if row is not None else None


async def own_playbooks(connection: Connection, workspace_id: uuid.UUID) -> Sequence[Row]:
    """List a shop's own playbooks by name: slug, version, updated_at, text."""
    return await fetch_all(connection, _ALL, {"workspace": workspace_id})


async def playbook_versions(
    connection: Connection, workspace_id: uuid.UUID, slug: str, *, limit: int, after_version: int | None
) -> Sequence[Row]:
    """List versions, the newest first: version, created_at, member_id, member_name, characters."""
    wanted = {"workspace": workspace_id, "slug": slug, "limit": limit, "after_version": after_version}
    return await fetch_all(connection, _VERSIONS, wanted)


async def filled_settings(connection: Connection, workspace_id: uuid.UUID) -> dict[str, dict[str, str]]:
    """Return what a shop filled in for its playbooks' settings, by playbook."""
    rows = await fetch_all(
        connection,
        "select slug, values from playbook_settings where workspace_id = %(workspace)s",
        {"workspace": workspace_id},
    )
    return {row["slug"]: row["values"] for row in rows}


async def fill_settings(
    connection: Connection,
    workspace_id: uuid.UUID,
    slug: str,
    values: Mapping[str, str],
    *,
    member_id: uuid.UUID | None,
) -> None:
    """Set the values of a playbook's settings, all of them at once."""
    await execute(connection, _FILL, {"workspace": workspace_id, "slug": slug, "values": to_json(dict(values))})
    await _tell(connection, workspace_id, "playbook.settings_changed", {"playbook": slug, "memberId": member_id})


async def _tell(connection: Connection, workspace_id: uuid.UUID, kind: str, data: Mapping[str, Any]) -> None:
    await execute(connection, _TELL, {"workspace": workspace_id, "type": kind, "data": to_json(dict(data))})
