from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson

from relevo.simulator import (
    EchoProtocol,
    Ledger,
    Simulator,
    Standalone,
    StandaloneOptions,
    run_standalone,
    serve_simulator,
)

if TYPE_CHECKING:
    from pathlib import Path

    import httpx2

    from .conftest import MakeService, Receiver


async def test_another_process_can_drive_customers_and_read_the_run(
    api: httpx2.AsyncClient, make_service: MakeService
) -> None:
    async with Simulator() as sim:
        await make_service(sim)
        said = await api.post(
            f"{sim.base_url}/_sim/say",
            json={"customer": "573001234567", "name": "Ana", "text": EchoProtocol.message(1)},
        )
        await sim.answered(quiet=0.1)
        messages = (await api.get(f"{sim.base_url}/_sim/customers/573001234567/messages")).json()
        customers = (await api.get(f"{sim.base_url}/_sim/customers")).json()
        live = (await api.get(f"{sim.base_url}/_sim/live")).json()
        lines = (await api.get(f"{sim.base_url}/_sim/ledger")).text.splitlines()
        report = (await api.get(f"{sim.base_url}/_sim/report", params={"echo": "true"})).json()
    assert said.json()["wamid"] == messages[0]["wamid"]
    assert [message["text"] for message in messages] == ["m1", "#1 1/2", "#1 2/2"]
    assert customers[0]["name"] == live["customers"][0]["name"] == "Ana"
    assert {orjson.loads(line)["record"] for line in lines} == {"Inbound", "WebhookPost", "Send", "StatusSent"}
    assert (report["ok"], report["answered"], report["lost"]) == (True, 1, 0)


async def test_wrong_requests_are_told_what_is_wrong(api: httpx2.AsyncClient) -> None:
    async with Simulator() as sim:
        base = f"{sim.base_url}/_sim"
        answers = [
            await api.post(f"{base}/say", content=b"{"),
            await api.post(f"{base}/say", json=[1]),
            await api.post(f"{base}/say", json={"customer": "57300"}),
            await api.post(f"{base}/say", json={"text": "hola"}),
            await api.post(f"{base}/say", json={"customer": "57300", "text": "hola", "number": "9"}),
            await api.post(f"{base}/tap", json={"customer": "57300", "choice": "nada"}),
            await api.post(f"{base}/faults", json={"level": "biblical"}),
            await api.get(f"{base}/customers/999/messages"),
        ]
    assert [answer.status_code for answer in answers] == [400] * 7 + [404]
    assert {answer.json()["code"] for answer in answers} == {"invalid_request", "nothing_to_tap", "not_found"}


async def test_webhook_faults_and_the_owner_can_be_set_from_outside(
    api: httpx2.AsyncClient, receiver: Receiver
) -> None:
    async with Simulator() as sim:
        base = f"{sim.base_url}/_sim"
        await api.post(f"{base}/webhook", json={"url": receiver.url})
        await api.post(f"{base}/owner", json={"customer": "573001234567", "text": "yo atiendo"})
        await api.post(f"{base}/faults", json={"level": "rough", "seed": 7})
        await sim.delivered()
        assert sim.world.faults.seed == 7
    assert receiver.items("message_echoes")[0]["text"]["body"] == "yo atiendo"


async def test_a_standalone_run_plays_its_script_stops_and_keeps_its_evidence(
    receiver: Receiver, tmp_path: Path
) -> None:
    script = tmp_path / "corto.yaml"
    script.write_text(
        "script: corto\npace: 0\npeople: [{name: Ana, does: [{say: {text: hola, expects_reply: false}}]}]"
    )
    evidence = tmp_path / "run.jsonl"
    options = StandaloneOptions(
        port=0, webhook_url=receiver.url, script=str(script), count=4, stay=False, settle_seconds=5, save=evidence
    )
    seen: list[Standalone] = []
    done = await run_standalone(options, up=seen.append)
    assert seen == [done]
    assert done.play is not None
    assert done.play.ok
    assert Ledger.load(evidence).report() == done.sim.ledger.report()
    assert len(receiver.items("messages")) == 4


async def test_a_standalone_simulator_stays_until_it_is_stopped() -> None:
    stop, up = asyncio.Event(), asyncio.Event()
    run = asyncio.create_task(run_standalone(StandaloneOptions(port=0), up=lambda _: up.set(), stop=stop))
    await asyncio.wait_for(up.wait(), 5)
    await asyncio.sleep(0)
    assert not run.done()
    stop.set()
    assert (await asyncio.wait_for(run, 5)).play is None


async def test_served_options_describe_the_number(api: httpx2.AsyncClient) -> None:
    options = StandaloneOptions(port=0, provider="360dialog", access_token="key-7", display_phone="573009998877")
    async with serve_simulator(options) as sim:
        answer = await api.get(f"{sim.base_url}/v1/configs/webhook", headers={"D360-API-KEY": "key-7"})
        number = sim.numbers[0]
    assert answer.status_code == 200
    assert (number.display_phone, number.provider) == ("573009998877", "360dialog")
