from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from relevo.simulator import ScriptError, Simulator, load_script, run_script
from relevo.simulator.script import parse_script

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import MakeService, Receiver


@pytest.mark.parametrize("name", ["mañana", "manana", "Mañana"])
def test_the_shipped_morning_loads_by_name(name: str) -> None:
    script = load_script(name)
    verbs = {step.verb for person in script.people for step in person.does}
    assert len(script.people) == len({person.name for person in script.people}) == 40
    assert verbs >= {"say", "burst", "tap", "audio", "image", "sticker", "react", "repeat", "expects", "location"}
    assert any(not person.phone for person in script.people)
    assert any(person.referral for person in script.people)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("people: []", "people"),
        ("script: x\npeople: [{name: Ana, does: [{shout: hola}]}]", "people[0].does[0].shout"),
        ("script: x\npeople: [{name: Ana, does: [{say: hola, pause: 1s}]}]", "people[0].does[0]"),
        ("script: x\npeople: [{name: Ana, does: [{pause: soon}]}]", "people[0].does[0].pause"),
        ("script: x\npeople: [{name: Ana, does: [{tap: {}}]}]", "people[0].does[0].tap"),
        ("script: x\npeople: [{name: Ana, does: []}]", "people[0].does"),
        ("just words", "top"),
        ("a: [", "line 1"),
    ],
)
def test_a_mistake_names_file_and_place(text: str, place: str) -> None:
    with pytest.raises(ScriptError) as error:
        parse_script(text, "shop.yaml")
    assert str(error.value).startswith("shop.yaml: ")
    assert place in str(error.value)


def test_an_unknown_name_lists_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="manana"):
        load_script("noche")
    with pytest.raises(ScriptError, match=r"none\.yaml"):
        load_script(tmp_path / "none.yaml")


def test_durations_take_units() -> None:
    pauses = "[{pause: 500ms}, {pause: 2s}, {pause: 1m}, {pause: 3}]"
    script = parse_script(f"script: x\npeople: [{{name: Ana, does: {pauses}}}]", "x.yaml")
    assert [step.pause for step in script.people[0].does] == [0.5, 2.0, 60.0, 3.0]


ECHO = """
script: eco
pace: 100ms
people:
  - name: Ana
    does:
      - burst: [m1, m2]
      - wait_reply: {timeout: 5s, quiet: 200ms}
      - expects: {says: "2/2"}
      - say: m3
      - repeat: 2
      - wait_reply: {timeout: 5s, quiet: 200ms}
      - expects: {any_of: ["#9", "#3 1/2"], not_says: "#1"}
      - tap: {title: m4}
      - wait_reply: {timeout: 5s, quiet: 200ms}
"""


async def test_a_script_is_played_by_as_many_people_as_asked_for(make_service: MakeService) -> None:
    async with Simulator() as sim:
        await make_service(sim)
        run = await run_script(sim, parse_script(ECHO, "eco.yaml"), speed=5, count=3)
        await sim.answered(quiet=0.1)
        report = sim.ledger.report(echo=True)
    assert run.ok, run.missed()
    assert (run.finished, len({person.customer for person in run.people})) == (3, 3)
    assert report.ok, report.explain()
    assert report.messages_in == 12
    assert report.webhook_posts == 12 + 6 + report.statuses


async def test_what_does_not_come_is_noted_and_the_script_goes_on(receiver: Receiver) -> None:
    text = """
script: silencio
pace: 0
people:
  - name: Ana
    does: [{say: hola}, {expects: {none: true}}, {wait_reply: {timeout: 50ms}}, {expects: {says: hola}}, {say: adiós}]
"""
    async with Simulator(webhook_url=receiver.url) as sim:
        run = await run_script(sim, parse_script(text, "silencio.yaml"))
        await sim.delivered()
    assert not run.ok
    assert len(run.missed()) == 2
    assert len(receiver.items("messages")) == 2


async def test_the_morning_begins_for_everybody_however_many() -> None:
    script = load_script("mañana")
    kinds = {"text", "audio", "image", "document"}
    async with Simulator() as sim:
        play = asyncio.create_task(run_script(sim, script, speed=1000, count=80))
        while not kinds <= {item.kind for item in sim.ledger.inbounds}:  # noqa: ASYNC110 - no event for this
            await asyncio.sleep(0.01)
        play.cancel()
        await asyncio.gather(play, return_exceptions=True)
    assert len(sim.world.customers()) == 80
