"""`/api/inngest` as an Inngest server sees it: sync, introspection, calls, signatures, keys."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx2
import inngest as sdk
import pytest

from relevo.durable.inngest.client import create_client
from relevo.durable.inngest.endpoint import sign
from relevo.errors import ConfigurationError
from relevo.simulator.simulator import Simulator
from support.echo_agent import EchoAgent, OneAgent
from support.inngest_double import EVENT_KEY, KEY, InngestDouble
from support.inngest_protocol import Run, canonical, signature
from support.rows import Rows
from support.service import running

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from support.service import Service

PROCESSOR = "relevo-whatsapp-agent-processor"
OTHER_KEY = "signkey-test-" + "ab" * 32


@asynccontextmanager
async def serving(database_url: str, inngest: InngestDouble) -> AsyncGenerator[Service]:
    async with (
        Simulator() as sim,
        running(database_url, sim.numbers[0], OneAgent(EchoAgent()), sim.base_url, inngest=inngest) as service,
    ):
        sim.connect(service.webhook)
        yield service


async def call(service: Service, run: Run, header: str | None) -> httpx2.Response:
    body = run.body()
    headers = {"x-inngest-server-kind": "cloud", **({"x-inngest-signature": header} if header else {})}
    async with httpx2.AsyncClient(timeout=30) as http:
        url = f"{service.url}/api/inngest?fnId={run.function}&stepId=step"
        return await http.post(url, content=body, headers=headers)


def run_for(conversation: object) -> Run:
    event = {
        "id": "1", "name": "agent/whatsapp.message_received", "ts": 1, "data": {"conversationId": str(conversation)},
    }  # fmt: skip
    return Run("run", PROCESSOR, event)


async def test_sync_tells_every_function_with_its_limits(database_url: str, inngest: InngestDouble) -> None:
    async with serving(database_url, inngest) as service:
        answer = await inngest.sync(service.url)
    assert answer["app_id"] == "relevo"
    assert set(inngest.functions) == {
        PROCESSOR, "relevo-whatsapp-conversation-wake-up", "relevo-actor-wake-up",
    }  # fmt: skip
    processor = inngest.functions[PROCESSOR]
    assert processor["name"] == "WhatsApp Agent Processor"
    assert [trigger["event"] for trigger in processor["triggers"]] == [
        "agent/whatsapp.message_received", "agent/whatsapp.attachment_received",
    ]  # fmt: skip
    assert processor["concurrency"] == [{"key": "event.data.conversationId", "limit": 1}]
    assert processor["steps"]["step"]["retries"] == {"attempts": 2}
    assert processor["steps"]["step"]["runtime"]["url"].startswith(f"{service.url}/api/inngest?")


async def test_a_signed_put_registers_out_of_band_and_an_unsigned_one_does_not(
    database_url: str, inngest: InngestDouble
) -> None:
    async with serving(database_url, inngest) as service, httpx2.AsyncClient(timeout=30) as http:
        inngest.functions = {}
        refused = await http.put(f"{service.url}/api/inngest")
        assert refused.status_code == 401
        assert inngest.functions == {}
        accepted = await http.put(f"{service.url}/api/inngest", headers={"x-inngest-signature": sign(b"", KEY)})
        assert accepted.status_code == 200, accepted.text
        assert PROCESSOR in inngest.functions


async def test_introspection_says_nothing_to_strangers(database_url: str, inngest: InngestDouble) -> None:
    async with serving(database_url, inngest) as service, httpx2.AsyncClient(timeout=30) as http:
        stranger = await http.get(f"{service.url}/api/inngest")
        assert stranger.status_code == 401
        assert "function_count" not in stranger.text
        known = await http.get(f"{service.url}/api/inngest", headers={"x-inngest-signature": sign(b"", KEY)})
        assert known.json()["function_count"] == 3
        assert known.json()["mode"] == "cloud"


@pytest.mark.parametrize("header", ["none", "other key", "other body", "garbage"])
async def test_a_call_that_inngest_did_not_sign_runs_nothing(
    database_url: str, inngest: InngestDouble, header: str
) -> None:
    async with serving(database_url, inngest) as service:
        run = run_for(uuid4())
        signatures = {
            "none": None,
            "other key": signature(run.body(), OTHER_KEY),
            "other body": signature(canonical({"other": "body"}), KEY),
            "garbage": "t=now&s=please",
        }
        response = await call(service, run, signatures[header])
        assert response.status_code in {401, 500}
        assert response.json() in ({"message": "Unauthorized"}, {"message": response.json().get("message")})
        assert "runs" not in response.text


async def test_the_fallback_key_still_counts_while_keys_are_rotated(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INNGEST_SIGNING_KEY_FALLBACK", OTHER_KEY)
    async with InngestDouble() as inngest, serving(database_url, inngest) as service:
        run = run_for(uuid4())
        for key in (KEY, OTHER_KEY):
            response = await call(service, run, signature(run.body(), key))
            assert response.status_code == 200
            assert response.json() == {"because": "nothing due", "runs": 0}


async def test_a_call_for_what_nobody_knows_ends_quietly(database_url: str, inngest: InngestDouble) -> None:
    async with serving(database_url, inngest) as service:
        nonsense = run_for("no id at all")
        response = await call(service, nonsense, signature(nonsense.body(), KEY))
        assert (response.status_code, response.headers["x-inngest-no-retry"]) == (500, "true")
        data = {"kind": "unheard_of", "key": str(uuid4())}
        stranger = Run("run", "relevo-actor-wake-up", {"id": "2", "name": "relevo/actor.due", "ts": 1, "data": data})
        response = await call(service, stranger, signature(stranger.body(), KEY))
        assert response.json() == {"because": "nothing due", "runs": 0}


async def test_a_call_while_another_run_has_the_conversation_ends_quietly(
    database_url: str, inngest: InngestDouble
) -> None:
    async with serving(database_url, inngest) as service:
        rows = await Rows.create(service.relevo.database, number="106540352240001")
        await rows.write(
            "insert into mailbox (kind, key, workspace_id, due_at, lease_token, lease_until)"
            " values ('conversation', %(c)s, %(w)s, now(), gen_random_uuid(), now() + interval '1 minute')",
            c=rows.conversation,
            w=rows.workspace,
        )
        run = run_for(rows.conversation)
        response = await call(service, run, signature(run.body(), KEY))
        assert response.json() == {"because": "held by another run", "runs": 0}
        (row,) = await rows.read("select due_at from mailbox where key = %(c)s", c=rows.conversation)
        assert row["due_at"] is not None, "the wake-up must stay for when the other run is done"


async def test_a_server_that_is_stopping_takes_no_calls(database_url: str, inngest: InngestDouble) -> None:
    async with serving(database_url, inngest) as service:
        assert service.relevo.inngest is not None
        service.relevo.inngest.engine.stop()
        run = run_for(uuid4())
        response = await call(service, run, signature(run.body(), KEY))
        assert response.status_code == 500
        assert "retry-after" in response.headers


def test_outside_dev_mode_keys_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INNGEST_DEV", "INNGEST_SIGNING_KEY", "INNGEST_EVENT_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="INNGEST_SIGNING_KEY"):
        create_client()
    monkeypatch.setenv("INNGEST_SIGNING_KEY", KEY)
    with pytest.raises(ConfigurationError, match="INNGEST_EVENT_KEY"):
        create_client()
    monkeypatch.setenv("INNGEST_EVENT_KEY", EVENT_KEY)
    assert create_client().is_production
    monkeypatch.setenv("INNGEST_SIGNING_KEY", "signkey-prod-not-hexadecimal")
    with pytest.raises(ConfigurationError, match="hexadecimal") as refused:
        create_client()
    assert "not-hexadecimal" not in str(refused.value)


def test_dev_mode_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INNGEST_SIGNING_KEY", "INNGEST_EVENT_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("INNGEST_DEV", "http://127.0.0.1:8288")
    client = create_client()
    assert isinstance(client, sdk.Inngest)
    assert not client.is_production
    assert client.event_api_origin == "http://127.0.0.1:8288"


async def test_it_introduces_itself_where_it_knows_its_own_address(
    database_url: str, inngest: InngestDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INNGEST_SERVE_ORIGIN", "https://relevo.example")
    async with serving(database_url, inngest) as service:
        assert service.relevo.inngest is not None
        inngest.functions = {}
        await service.relevo.inngest.endpoint.introduce()
        url: Any = inngest.functions[PROCESSOR]["steps"]["step"]["runtime"]["url"]
        assert url.startswith("https://relevo.example/api/inngest?")
    assert json.dumps(inngest.functions)
