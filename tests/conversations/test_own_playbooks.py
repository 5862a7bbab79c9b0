"""What a shop saves is what its agent says, on any machine, within seconds; nobody else's agent changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from relevo.agents.playbook.loader import read
from relevo.conversations import own_playbooks
from relevo.conversations.own_playbooks import OwnPlaybooks
from relevo.conversations.playbook_agents import bundled_agents
from relevo.crm.playbooks import fill_settings, save_playbook
from relevo.errors import PlaybookError
from relevo.store.database import execute
from support.storefront import open_shop

if TYPE_CHECKING:
    from relevo.conversations.playbook_agents import PlaybookAgents
    from relevo.store.database import Database
    from support.storefront import Shop

TEXT = read("tostadora")[1]


@pytest.fixture
def agents(database: Database, monkeypatch: pytest.MonkeyPatch) -> PlaybookAgents:
    monkeypatch.setattr(own_playbooks, "LOOK_SECONDS", -1.0)
    agents = bundled_agents()
    agents.look_into(OwnPlaybooks(database))
    return agents


async def save(shop: Shop, name: str, text: str, base: int | None) -> None:
    async with shop.database.transaction() as connection:
        await save_playbook(connection, shop.workspace_id, name, text, base_version=base, member_id=None)


async def test_a_saved_version_replaces_the_one_in_use_and_stays_until_the_next(
    database: Database, agents: PlaybookAgents
) -> None:
    shop = await open_shop(database)
    await save(shop, "mia", TEXT, None)
    first = await agents.get("mia", shop.workspace_id)
    assert await agents.get("mia", shop.workspace_id) is first
    await save(shop, "mia", TEXT + "\n# changed\n", 1)
    second = await agents.get("mia", shop.workspace_id)
    assert second is not first
    assert (first.name, second.name) == ("mia", "mia")


async def test_one_that_no_longer_loads_leaves_the_old_one_at_work(database: Database, agents: PlaybookAgents) -> None:
    shop = await open_shop(database)
    await save(shop, "mia", TEXT, None)
    first = await agents.get("mia", shop.workspace_id)
    await save(shop, "mia", "nonsense: true", 1)
    assert await agents.get("mia", shop.workspace_id) is first
    await save(shop, "mia", TEXT, 2)
    assert await agents.get("mia", shop.workspace_id) is not first


async def test_a_playbook_is_its_shops_alone(database: Database, agents: PlaybookAgents) -> None:
    shop, other = await open_shop(database), await open_shop(database)
    await save(shop, "mia", TEXT, None)
    with pytest.raises(PlaybookError):
        await agents.get("mia", other.workspace_id)


async def test_what_a_shop_fills_in_lets_a_bundled_one_speak_for_it_alone(
    database: Database, agents: PlaybookAgents
) -> None:
    shop, other = await open_shop(database), await open_shop(database)
    async with database.transaction() as connection:
        await fill_settings(connection, shop.workspace_id, "somnio", {"registro": "SD2026-0001234"}, member_id=None)
    assert (await agents.get("somnio", shop.workspace_id)).name == "somnio"
    with pytest.raises(PlaybookError, match="registro"):
        await agents.get("somnio", other.workspace_id)


async def test_versions_never_change(database: Database) -> None:
    shop = await open_shop(database)
    await save(shop, "mia", TEXT, None)
    async with database.transaction() as connection:
        kept = await execute(connection, "select 1 from playbook_versions", {})
    assert kept == 1
    await save(shop, "mia", "x", 1)
    rows = await shop.rows("select version, text from playbook_versions order by version")
    assert [(row["version"], row["text"]) for row in rows] == [(1, TEXT), (2, "x")]
