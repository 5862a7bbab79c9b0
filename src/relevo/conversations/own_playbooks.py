"""Which playbooks shops wrote or filled in themselves: which version is in force, seconds old at most. Reads only."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relevo.store.database import fetch_all, fetch_one

if TYPE_CHECKING:
    import uuid

    from relevo.store.database import Database

LOOK_SECONDS = 2.0
"""How often the versions in force are asked for: once for all shops of a process, and only while there is work."""

_VERSIONS = """
select coalesce(p.workspace_id, s.workspace_id) as workspace_id, coalesce(p.slug, s.slug) as slug,
       coalesce(p.version, 0) as text, coalesce(s.version, 0) as settings
from playbooks p full join playbook_settings s on s.workspace_id = p.workspace_id and s.slug = p.slug
"""
_READ = """
select v.text, coalesce(s.values, '{}') as values
from (select 1) one
left join playbook_versions v on v.workspace_id = %(workspace)s and v.slug = %(slug)s and v.version = %(text)s
left join playbook_settings s on s.workspace_id = %(workspace)s and s.slug = %(slug)s
"""


@dataclass(frozen=True, slots=True)
class OwnVersion:
    """What changes when a shop changes a playbook. `text` 0: the text is the bundled one's."""

    text: int
    settings: int


@dataclass(frozen=True, slots=True)
class OwnPlaybook:
    """What a shop wrote or filled in."""

    text: str | None
    """None: the bundled one's."""
    values: dict[str, str] = field(default_factory=dict[str, str])


class OwnPlaybooks:
    """The versions in force, of all shops."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._versions: dict[tuple[uuid.UUID, str], OwnVersion] = {}
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()

    async def version(self, workspace_id: uuid.UUID, slug: str) -> OwnVersion | None:
        """Return the version in force; None where the shop wrote and filled in nothing."""
        if self._is_old():
            async with self._looking:
                if self._is_old():
                    async with self._database.reading() as connection:
                        rows = await fetch_all(connection, _VERSIONS, {})
                    self._versions = {
                        (row["workspace_id"], row["slug"]): OwnVersion(row["text"], row["settings"]) for row in rows
                    }
                    self._looked_at = time.monotonic()
        return self._versions.get((workspace_id, slug))

    async def read(self, workspace_id: uuid.UUID, slug: str, version: OwnVersion) -> OwnPlaybook:
        """Read what a version holds."""
        wanted = {"workspace": workspace_id, "slug": slug, "text": version.text}
        async with self._database.reading() as connection:
            row = await fetch_one(connection, _READ, wanted)
        return OwnPlaybook(row["text"], row["values"]) if row else OwnPlaybook(None)

    def _is_old(self) -> bool:
        return time.monotonic() - self._looked_at > LOOK_SECONDS
