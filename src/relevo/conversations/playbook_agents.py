"""The agents of production: playbooks by name, loaded off the event loop, kept, loaded anew when a file changes."""

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


class PlaybookAgents:
    """Implements `Agents`. A playbook that no longer loads leaves the one in use where it is."""

    def __init__(self, load: Callable[[str], Agent], version: Callable[[str], object]) -> None:
        self._load = load
        self._version = version
        self._kept: dict[str, _Kept] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def get(self, agent_id: str, workspace_id: uuid.UUID) -> Agent:
        """Return the agent a shop chose.

        Raises:
            PlaybookError: there is none by that name, or it does not load.

        """
        del workspace_id  # bundled playbooks are everybody's
        kept = self._kept.get(agent_id)
        if kept is None or self._is_old(kept):
            async with self._locks.setdefault(agent_id, asyncio.Lock()):
                kept = self._kept.get(agent_id)
                if kept is None or self._is_old(kept):
                    kept = await asyncio.to_thread(self._refresh, agent_id, kept)
                    self._kept[agent_id] = kept
        if kept.agent is None:
            raise PlaybookError(str(kept.problem))
        return kept.agent

    async def warm(self, agent_ids: Iterable[str], workspace_id: uuid.UUID) -> None:
        """Load what will be needed, so that no customer waits for it. What does not load is logged."""
        for agent_id in agent_ids:
            try:
                await self.get(agent_id, workspace_id)
            except PlaybookError as error:
                log.error("playbook does not load", playbook=agent_id, error=str(error))  # noqa: TRY400 - no defect of ours: the message says it all

    @staticmethod
    def _is_old(kept: _Kept) -> bool:
        return time.monotonic() - kept.looked_at > (LOOK_SECONDS if kept.problem is None else FORGIVE_SECONDS)

    def _refresh(self, agent_id: str, kept: _Kept | None) -> _Kept:
        version: object = None
        try:
            version = self._version(agent_id)
            if kept is not None and kept.version == version and kept.problem is None:
                return replace(kept, looked_at=time.monotonic())
            agent = self._load(agent_id)
        except PlaybookError as error:
            if kept is not None and kept.agent is not None:
                log.warning(
                    "playbook changed and does not load; the old one stays", playbook=agent_id, error=str(error)
                )
            return _Kept(version, time.monotonic(), kept.agent if kept else None, error)
        return _Kept(version, time.monotonic(), agent)


def bundled_agents(models: Sequence[str] = ()) -> PlaybookAgents:
    """Return the playbooks that ship with Relevo, by name. `models` (`provider:name`, in order) help to understand."""
    return PlaybookAgents(partial(_load_bundled, models), _version_of_bundled)


def check_bundled(agent_id: str) -> None:
    """Check that a bundled playbook could be used, without making it ready.

    Raises:
        PlaybookError: it could not; says why.

    """
    from relevo.agents.engine.load import load_playbook  # noqa: PLC0415 - as below
    from relevo.agents.playbook.loader import settings_for  # noqa: PLC0415 - as below

    file = _bundled_file(agent_id)
    name, playbook = load_playbook(file)
    settings_for(name, playbook, file=file)


def _load_bundled(models: Sequence[str], agent_id: str) -> Agent:
    # The understanding brings scikit-learn, which takes a second to load: web processes never need it.
    from relevo.agents.engine.load import load_agent  # noqa: PLC0415
    from relevo.agents.understanding import build_reader  # noqa: PLC0415

    file = _bundled_file(agent_id)
    return load_agent(file, reader=partial(build_reader, models=models)) if models else load_agent(file)


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
