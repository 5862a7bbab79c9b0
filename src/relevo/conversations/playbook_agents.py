"""The agents of production: playbooks by name, loaded off the event loop, kept, loaded anew when they change."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from relevo.errors import PlaybookError

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterable, Sequence

    from relevo.agents.decision import Agent
    from relevo.conversations.own_playbooks import OwnPlaybook, OwnPlaybooks, OwnVersion

    Load = Callable[[str, OwnPlaybook | None], Agent]
    """Makes an agent ready, by name; with the shop's own text or values where it has some. Raises PlaybookError."""
    _Key = tuple[str, uuid.UUID | None]

LOOK_SECONDS = 2.0
"""How often a playbook's file is looked at."""
FORGIVE_SECONDS = 10.0
"""A playbook that does not load is tried again after this time, not for every message."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    version: object
    looked_at: float
    agent: Agent | None = None
    problem: PlaybookError | None = None
    own: OwnVersion | None = None


class PlaybookAgents:
    """Implements `Agents`. A playbook that no longer loads leaves the one in use where it is.

    A shop's own playbooks (and bundled ones it filled in settings for) are its own; all others are everybody's.
    """

    def __init__(self, load: Load, version: Callable[[str], object], own: OwnPlaybooks | None = None) -> None:
        self._load = load
        self._version = version
        self._own = own
        self._kept: dict[_Key, _Kept] = {}
        self._locks: dict[_Key, asyncio.Lock] = {}

    def look_into(self, own: OwnPlaybooks) -> None:
        """Take shops' own playbooks from there."""
        self._own = own

    async def get(self, agent_id: str, workspace_id: uuid.UUID) -> Agent:
        """Return the agent a shop chose.

        Raises:
            PlaybookError: there is none by that name, or it does not load.

        """
        version = await self._own.version(workspace_id, agent_id) if self._own is not None else None
        key = (agent_id, None if version is None else workspace_id)
        kept = self._kept.get(key)
        if kept is None or self._is_old(kept, version):
            async with self._locks.setdefault(key, asyncio.Lock()):
                kept = self._kept.get(key)
                if kept is None or self._is_old(kept, version):
                    own = None
                    if self._own is not None and version is not None:
                        own = await self._own.read(workspace_id, agent_id, version)
                    kept = await asyncio.to_thread(self._refresh, agent_id, version, own, kept)
                    self._kept[key] = kept
        if kept.agent is None:
            raise PlaybookError(str(kept.problem))
        return kept.agent

    async def warm(self, chosen: Iterable[tuple[str, uuid.UUID]]) -> None:
        """Load what will be needed, so that no customer waits for it. What does not load is logged."""
        for agent_id, workspace_id in chosen:
            try:
                await self.get(agent_id, workspace_id)
            except PlaybookError as error:
                log.error("playbook does not load", playbook=agent_id, error=str(error))  # noqa: TRY400 - no defect of ours: the message says it all

    @staticmethod
    def _is_old(kept: _Kept, version: OwnVersion | None) -> bool:
        if version is not None and version != kept.own:
            return True
        if version is not None and version.text and kept.problem is None:
            return False  # Versions never change, and what they depend on has one, too.
        return time.monotonic() - kept.looked_at > (LOOK_SECONDS if kept.problem is None else FORGIVE_SECONDS)

    def _refresh(self, agent_id: str, version: OwnVersion | None, own: OwnPlaybook | None, kept: _Kept | None) -> _Kept:
        found: object = None
        try:
            found = (version, None if own is not None and own.text is not None else self._version(agent_id))
            if kept is not None and kept.version == found and kept.problem is None:
                return replace(kept, looked_at=time.monotonic())
            agent = self._load(agent_id, own)
        except PlaybookError as error:
            if kept is not None and kept.agent is not None:
                log.warning(
                    "playbook changed and does not load; the old one stays", playbook=agent_id, error=str(error)
                )
            return _Kept(found, time.monotonic(), kept.agent if kept else None, error, version)
        return _Kept(found, time.monotonic(), agent, None, version)


def bundled_agents(models: Sequence[str] = ()) -> PlaybookAgents:
    """Return the playbooks that ship with Relevo, by name. `models` (`provider:name`, in order) help to understand."""
    return PlaybookAgents(partial(_load, models), _version_of_bundled)


def check_playbook(agent_id: str, own: OwnPlaybook | None = None) -> None:
    """Check that a playbook could be used, without making it ready.

    Raises:
        PlaybookError: it could not; says why.

    """
    from relevo.agents.engine.load import load_playbook, load_playbook_text  # noqa: PLC0415 - as below
    from relevo.agents.playbook.loader import settings_for  # noqa: PLC0415 - as below

    values = own.values if own is not None else None
    if own is not None and own.text is not None:
        settings_for(agent_id, load_playbook_text(agent_id, own.text), values=values)
        return
    file = _bundled_file(agent_id)
    name, playbook = load_playbook(file)
    settings_for(name, playbook, values=values, file=file)


def _load(models: Sequence[str], agent_id: str, own: OwnPlaybook | None) -> Agent:
    # The understanding takes memory and a moment to load: processes without a worker never need it.
    from relevo.agents.engine.load import load_agent, load_agent_text  # noqa: PLC0415
    from relevo.agents.understanding import build_reader  # noqa: PLC0415

    reader = partial(build_reader, models=models) if models else None
    values = own.values if own is not None else None
    if own is not None and own.text is not None:
        return load_agent_text(agent_id, own.text, settings=values, reader=reader)
    return load_agent(_bundled_file(agent_id), settings=values, reader=reader)


def _version_of_bundled(agent_id: str) -> object:
    """Return what changes when the playbook's file, or the settings beside it, does."""
    file = _bundled_file(agent_id)
    files = (file, file.with_suffix(".settings.yaml"))
    return tuple((stat.st_mtime_ns, stat.st_size) for one in files if one.is_file() and (stat := one.stat()))


def _bundled_file(agent_id: str) -> Path:
    """Return where a playbook lies; a name from the database never leads out of the folder."""
    file = Path(str(resources.files("relevo.agents"))) / "playbooks" / f"{agent_id}.yaml"
    if not agent_id.replace("_", "").replace("-", "").isalnum() or not file.is_file():
        raise PlaybookError(f"There is no playbook `{agent_id}`.")
    return file
