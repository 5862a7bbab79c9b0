"""State + events = state fetched again: who fetches anew what events call dirty ends up with what is there."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import pytest
from uuid_utils.compat import uuid7

from support.api import api_of
from support.echo_agent import EchoAgent
from support.shop import shop

if TYPE_CHECKING:
    import httpx2

    from relevo.simulator.simulator import Simulator
    from support.service import Service

SECONDS = 6.0
ACTORS = 6


class Inbox:
    """Keeps conversations, messages and tasks as the docs say: events make ids dirty, fetches clean them."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http
        self._place: str | None = None
        self._dirty = _nothing()
        self._ready = asyncio.Event()
        self.cuts = 0
        self.conversations: dict[str, Any] = {}
        self.messages: dict[str, dict[str, Any]] = defaultdict(dict)
        self.tasks: dict[str, Any] = {}

    async def follow(self, cut_every: int) -> None:
        """Listen for ever, hanging up every so many events."""
        while True:
            headers = {"Last-Event-ID": self._place} if self._place else {}
            seen = 0
            async with self._http.stream("GET", "/events", headers=headers) as answer:
                place, name = "", ""
                async for line in answer.aiter_lines():
                    if line.startswith("id: "):
                        place = line[4:]
                    elif line.startswith("event: "):
                        name = line[7:]
                    elif line.startswith("data: "):
                        self._hear(name, orjson.loads(line[6:]))
                        self._place = place
                        seen += 1
                        if seen > cut_every:
                            self.cuts += 1
                            break

    def _hear(self, name: str, event: dict[str, Any]) -> None:
        if name == "ready":
            self._ready.set()
            return
        data, conversation = event["data"], event["conversation_id"]
        if conversation:
            self._dirty["conversation"].add(conversation)
            if "messageId" in data:
                self._dirty[f"message {conversation}"].add(data["messageId"])
        if "taskId" in data:
            self._dirty["task"].add(data["taskId"])
        if name in ("agent_config.changed", "member.changed") or name.startswith("channel."):
            self._dirty["conversation"] |= set(self.conversations)
        if "contactId" in data:
            about = [key for key, one in self.conversations.items() if one["contact_id"] == data["contactId"]]
            self._dirty["conversation"] |= set(about)

    async def start(self) -> None:
        """Fetch everything once the stream stands."""
        await self._ready.wait()
        everything = await fetched(self._http)
        self.conversations, self.tasks = everything["conversations"], everything["tasks"]
        for conversation, messages in everything["messages"].items():
            self.messages[conversation].update(messages)

    async def clean(self) -> None:
        """Fetch what is dirty, a few times a second."""
        while True:
            await asyncio.sleep(0.15)
            dirty, self._dirty = self._dirty, _nothing()
            for what, ids in dirty.items():
                if what == "conversation":
                    self.conversations |= await by_id(self._http, "/conversations", ids)
                elif what == "task":
                    self.tasks |= await by_id(self._http, "/tasks", ids)
                else:
                    conversation = what.removeprefix("message ")
                    path = f"/conversations/{conversation}/messages"
                    self.messages[conversation] |= await by_id(self._http, path, ids)

    @property
    def state(self) -> dict[str, Any]:
        """What is shown."""
        return {"conversations": self.conversations, "messages": dict(self.messages), "tasks": self.tasks}


def _nothing() -> defaultdict[str, set[str]]:
    return defaultdict(set)


async def by_id(http: httpx2.AsyncClient, path: str, ids: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    listed = sorted(ids)
    for begin in range(0, len(listed), 100):
        answer = await http.get(path, params={"ids": listed[begin : begin + 100]})
        assert answer.status_code == 200, answer.text
        found |= {item["id"]: item for item in answer.json()["items"]}
    return found


async def fetched(http: httpx2.AsyncClient) -> dict[str, Any]:
    """Fetch everything there is, from nothing."""
    conversations = await pages(http, "/conversations")
    messages = {one: await pages(http, f"/conversations/{one}/messages") for one in conversations}
    return {"conversations": conversations, "messages": messages, "tasks": await pages(http, "/tasks")}


async def pages(http: httpx2.AsyncClient, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    cursor: str | None = None
    while True:
        answer = (await http.get(path, params={"limit": 200} | ({"cursor": cursor} if cursor else {}))).json()
        found |= {item["id"]: item for item in answer["items"]}
        cursor = answer["next_cursor"]
        if cursor is None:
            return found


async def live_on(http: httpx2.AsyncClient, sim: Simulator, dice: random.Random, members: list[str]) -> None:  # noqa: C901 - one case per thing to do
    """Do one of the things customers and people do."""
    customer = sim.customer(f"57300111{dice.randrange(12):04}")
    known = list(await pages(http, "/conversations"))
    tasks = [one for one in (await pages(http, "/tasks")).values() if one["status"] == "open"]
    path = f"/conversations/{dice.choice(known)}" if known else ""
    acting = {"Relevo-Member": dice.choice(members)}
    roll = dice.randrange(12)
    if roll < 4 or not known:
        await customer.say(dice.choice(["hola", "¿precio?", "quiero uno", "gracias"]))
    elif roll == 4:
        await http.post(f"{path}/messages", json={"text": "Con gusto", "id": str(uuid7())}, headers=acting)
    elif roll == 5:
        await http.post(f"{path}/handoff", json={"reason": "person_asked"}, headers=acting)
    elif roll == 6:
        await http.post(f"{path}/handback", headers=acting)
    elif roll == 7:
        await http.put(f"{path}/agent", json={"conversational": dice.choice([True, False, None])}, headers=acting)
    elif roll == 8:
        await http.put(f"{path}/read", json={})
    elif roll == 9 and tasks:
        await http.post(f"/tasks/{dice.choice(tasks)['id']}/take", headers=acting)
    elif roll == 10 and tasks:
        await http.post(f"/tasks/{dice.choice(tasks)['id']}/complete", json={"hand_back": dice.random() < 0.5})
    elif customer.received:
        await customer.react(dice.choice(["👍", "❤️", ""]))
    if roll == 11:
        said = await pages(http, f"{path}/messages")
        await http.put(f"{path}/messages/{dice.choice(list(said))}/reaction", json={"emoji": "🙏"})
        await http.patch("/agent-config", json={"agent_enabled": dice.random() < 0.8})


async def member(service: Service, name: str) -> str:
    member_id = uuid7()
    await service.write(
        "insert into members (id, workspace_id, email, name, presence) values (%(id)s, %(w)s, %(e)s, %(n)s, 'online')",
        id=member_id, w=service.workspace_id, e=f"{name}@example.com", n=name,
    )  # fmt: skip
    return str(member_id)


@pytest.mark.parametrize("seed", [1, 2])
async def test_state_and_events_make_what_is_fetched_again(database_url: str, seed: int) -> None:
    dice = random.Random(seed)
    agent = EchoAgent(thinks=0.05, delay=0.1)
    async with shop(database_url, agent) as (sim, service):
        ana, luis = await member(service, "ana"), await member(service, "luis")
        async with api_of(service, UUID(ana)) as http:
            await sim.customer("573001110000").say("hola")
            inbox = Inbox(http)
            following = [asyncio.create_task(inbox.follow(25)), asyncio.create_task(inbox.clean())]
            await inbox.start()
            until = asyncio.get_running_loop().time() + SECONDS

            async def act() -> None:
                while asyncio.get_running_loop().time() < until:
                    await live_on(http, sim, dice, [ana, luis])

            async with asyncio.timeout(60), asyncio.TaskGroup() as group:
                for _ in range(ACTORS):
                    group.create_task(act())
            await http.patch("/agent-config", json={"agent_enabled": True})
            await sim.settled()
            await service.idle()
            async with asyncio.timeout(20):
                while inbox.state != await fetched(http):
                    await asyncio.sleep(0.2)
                    assert not any(task.done() for task in following)
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
        assert inbox.cuts > 0
        assert len(inbox.tasks) > 0
