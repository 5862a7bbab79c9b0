"""Probes and metrics of a running service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from relevo.simulator.echo import EchoProtocol
from relevo.simulator.simulator import Simulator
from relevo.store.database import Database, execute
from relevo.web.health import Health
from support.echo_agent import EchoAgent, OneAgent
from support.service import running

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


def client_of(database: Database) -> httpx2.AsyncClient:
    app = Starlette(routes=Health(database).routes())
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test")


@pytest.fixture
async def client(database: Database) -> AsyncGenerator[httpx2.AsyncClient]:
    async with client_of(database) as client:
        yield client


def figures(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_alive_and_ready_with_the_schema_of_this_version(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/healthz")).text == "ok"
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"ready": True})


async def test_not_ready_with_another_schema_but_alive(client: httpx2.AsyncClient, database: Database) -> None:
    async with database.transaction() as connection:
        await execute(connection, "update alembic_version set version_num = '0001'", {})
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["code"] == "schema_outdated"
    assert "relevo migrate" in answer.json()["detail"]
    assert (await client.get("/healthz")).status_code == 200


async def test_not_ready_without_a_database_but_alive_and_measured() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    try:
        async with client_of(database) as client:
            answer = await client.get("/readyz")
            assert (answer.status_code, answer.json()["code"]) == (503, "store")
            assert (await client.get("/healthz")).status_code == 200
            metrics = await client.get("/metrics")
            assert metrics.status_code == 200
            assert figures(metrics.text)["relevo_database_up", ()] == 0
    finally:
        await database.close()


async def test_metrics_follow_a_message_from_webhook_to_reply(database_url: str) -> None:
    async with Simulator() as sim:
        agents = OneAgent(EchoAgent(parts=2))
        async with (
            running(database_url, sim.numbers[0], agents, sim.base_url) as service,
            httpx2.AsyncClient(base_url=service.url) as client,
        ):
            before = figures((await client.get("/metrics")).text)
            sim.connect(service.webhook)
            customer = sim.customer("573001234567")
            await customer.say(EchoProtocol.message(1))
            await customer.replies(timeout=20, quiet=0.5)
            await sim.delivered()
            await service.idle()
            await client.post("/webhooks/whatsapp", content=b"{}")
            after = figures((await client.get("/metrics")).text)

    def grown(name: str, *labels: str) -> float:
        return after.get((name, labels), 0) - before.get((name, labels), 0)

    assert grown("relevo_webhook_acks_total", "200") >= 1
    assert grown("relevo_webhook_acks_total", "401") == 1
    assert grown("relevo_webhook_ack_seconds_count") >= 2
    assert grown("relevo_deliveries_per_commit_count") >= 1
    assert grown("relevo_turns_total", "decided") == 1
    assert grown("relevo_sends_total", "accepted") == 2
    assert after["relevo_database_up", ()] == 1
    assert after["relevo_unanswered_messages", ()] == 0
    assert after["relevo_workers", ()] == 1


async def test_queue_figures_come_from_the_database(client: httpx2.AsyncClient, database: Database) -> None:
    async with database.transaction() as connection:
        for offset, kind in ((-60, "conversation"), (-5, "conversation"), (3600, "conversation")):
            await execute(
                connection,
                "insert into mailbox (kind, key, workspace_id, due_at)"
                " values (%(kind)s, gen_random_uuid(), gen_random_uuid(), now() + %(offset)s * interval '1 second')",
                {"kind": kind, "offset": offset},
            )
        await execute(
            connection,
            "insert into mailbox (kind, key, workspace_id, failed_at, last_error)"
            " values ('conversation', gen_random_uuid(), gen_random_uuid(), now(), 'PlaybookError')",
            {},
        )
    after = figures((await client.get("/metrics")).text)
    assert after["relevo_queue_depth", ()] == 2
    assert 60 <= after["relevo_queue_oldest_seconds", ()] < 120
    assert after["relevo_failed_actors", ()] == 1
