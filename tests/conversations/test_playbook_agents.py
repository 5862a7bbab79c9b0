"""Playbooks by name: loaded once, off the event loop, and anew when a file changes; a broken change harms nobody."""

from __future__ import annotations

import asyncio
import threading
import uuid
from typing import TYPE_CHECKING

import pytest

from relevo.conversations import playbook_agents
from relevo.conversations.playbook_agents import PlaybookAgents, bundled_agents
from relevo.errors import PlaybookError
from support.echo_agent import EchoAgent

if TYPE_CHECKING:
    from relevo.agents.decision import Agent
    from relevo.conversations.own_playbooks import OwnPlaybook

SHOP = uuid.UUID(int=1)


class Shelf:
    """Where playbooks lie, for a test: their version, and whether they load."""

    def __init__(self) -> None:
        self.version = 1
        self.broken = False
        self.threads: list[int] = []

    def load(self, agent_id: str, own: OwnPlaybook | None) -> Agent:
        del agent_id, own
        self.threads.append(threading.get_ident())
        if self.broken:
            raise PlaybookError("line 3: no such thing")
        return EchoAgent()

    def agents(self) -> PlaybookAgents:
        return PlaybookAgents(self.load, lambda _: self.version)


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setattr(playbook_agents, "LOOK_SECONDS", -1.0)
    monkeypatch.setattr(playbook_agents, "FORGIVE_SECONDS", -1.0)
    return Shelf()


async def test_a_playbook_is_loaded_once_and_never_on_the_event_loop(shelf: Shelf) -> None:
    agents = shelf.agents()
    first, *rest = await asyncio.gather(*(agents.get("echo", SHOP) for _ in range(20)))
    assert all(agent is first for agent in rest)
    assert len(shelf.threads) == 1
    assert threading.get_ident() not in shelf.threads


async def test_a_changed_file_is_loaded_anew(shelf: Shelf) -> None:
    agents = shelf.agents()
    before = await agents.get("echo", SHOP)
    assert await agents.get("echo", SHOP) is before
    shelf.version = 2
    assert await agents.get("echo", SHOP) is not before


async def test_a_change_that_does_not_load_leaves_the_old_one_at_work(shelf: Shelf) -> None:
    agents = shelf.agents()
    before = await agents.get("echo", SHOP)
    shelf.version, shelf.broken = 2, True
    assert await agents.get("echo", SHOP) is before
    shelf.version, shelf.broken = 3, False
    assert await agents.get("echo", SHOP) is not before


async def test_one_that_never_loaded_says_why_and_is_tried_again(shelf: Shelf) -> None:
    agents = shelf.agents()
    shelf.broken = True
    with pytest.raises(PlaybookError, match="line 3"):
        await agents.get("echo", SHOP)
    shelf.broken = False
    assert (await agents.get("echo", SHOP)).name == "echo"


async def test_warming_up_survives_a_playbook_that_does_not_load(shelf: Shelf) -> None:
    shelf.broken = True
    await shelf.agents().warm([("echo", SHOP), ("other", SHOP)])
    assert len(shelf.threads) == 2


@pytest.mark.parametrize("name", ["nobody", "../tostadora", "/etc/passwd", ""])
async def test_a_name_from_the_database_leads_nowhere_but_to_what_ships(name: str) -> None:
    with pytest.raises(PlaybookError, match="no playbook"):
        await bundled_agents().get(name, SHOP)


async def test_what_ships_can_decide() -> None:
    agent = await bundled_agents().get("tostadora", SHOP)
    assert agent.name == "tostadora"
