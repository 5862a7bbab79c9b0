"""Plays a script: everybody writes, waits and taps in their own time. Notes what did not come; judges nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from relevo.simulator.ids import bsuid
from relevo.simulator.phone import NoReplyError, NothingToTapError

if TYPE_CHECKING:
    from relevo.simulator.phone import Customer, MediaKind, Received
    from relevo.simulator.script import Expects, Person, Say, Script, Step, Tap, WaitReply
    from relevo.simulator.simulator import Simulator

_WRITES = {"say", "burst", "tap", "image", "audio", "video", "document", "sticker", "location", "react"}


@dataclass(slots=True)
class PersonRun:
    """How far one person came."""

    name: str
    customer: str
    steps: int
    done: int = 0
    missed: list[str] = field(default_factory=list[str])
    """Replies that did not come and expectations not met, in words."""


@dataclass(slots=True)
class ScriptRun:
    """A script being played or finished."""

    script: str
    people: list[PersonRun] = field(default_factory=list[PersonRun])

    @property
    def ok(self) -> bool:
        """Everybody got through, and everything came as expected."""
        return all(person.done == person.steps and not person.missed for person in self.people)

    @property
    def finished(self) -> int:
        """People who are through."""
        return sum(1 for person in self.people if person.done == person.steps)

    def missed(self) -> list[str]:
        """Everything that did not come as expected."""
        return [f"{person.name} ({person.customer}): {what}" for person in self.people for what in person.missed]


async def run_script(
    sim: Simulator,
    script: Script,
    *,
    speed: float = 1.0,
    count: int | None = None,
    number: str | None = None,
    run: ScriptRun | None = None,
) -> ScriptRun:
    """Play a script to its end.

    `speed` divides starts, pauses and the quiet after replies (time-outs stay). `count` people take part, the cast
    repeated or cut as needed. Give a `run` to watch the progress while it plays.
    """
    run = run or ScriptRun(script.script)
    cast_list = [script.people[i % len(script.people)] for i in range(count or len(script.people))]
    async with asyncio.TaskGroup() as group:
        for position, person in enumerate(cast_list):
            late = (position // len(script.people)) * 0.5
            customer = _customer(sim, person, number)
            progress = PersonRun(person.name, customer.key, len(person.does))
            run.people.append(progress)
            actor = _Actor(customer, person, script.pace, speed, progress)
            group.create_task(actor.play(person.starts + late))
    return run


def _customer(sim: Simulator, person: Person, number: str | None) -> Customer:
    if person.phone:
        return sim.customer(name=person.name, username=person.username, number=number)
    return sim.customer(bsuid=bsuid(person.country), name=person.name, username=person.username, number=number)


@dataclass(slots=True)
class _Actor:
    customer: Customer
    person: Person
    pace: float
    speed: float
    progress: PersonRun
    heard: int = 0
    """How many messages had reached the customer before the last step that wrote."""
    referred: bool = False

    async def play(self, starts: float) -> None:
        await asyncio.sleep(starts / self.speed)
        for step in self.person.does:
            if step.verb in _WRITES:
                await asyncio.sleep(self.pace / self.speed)
                self.heard = len(self.customer.received)
            await self._do(step)
            self.progress.done += 1

    async def _do(self, step: Step) -> None:
        value: Any = getattr(step, step.verb)
        if step.verb in {"say", "burst"}:
            await self._write(cast("list[Say]", value if step.verb == "burst" else [value]))
        elif step.verb in {"wait_reply", "pause"}:
            await self._rest(value)
        elif step.verb == "tap":
            await self._tap(cast("Tap", value))
        elif step.verb == "expects":
            self._expect(cast("Expects", value))
        elif step.verb == "repeat":
            for _ in range(value):
                self.customer.resend()
        else:
            await self._send(step.verb, value)

    async def _send(self, verb: str, value: Any) -> None:  # noqa: ANN401 - checked by the script's own types
        if verb == "location":
            await self.customer.send_location(value.latitude, value.longitude, value.name)
        elif verb == "react":
            await self.customer.react(value)
        elif verb == "owner":
            await self.customer.hear_from_owner(value)
        else:
            kind = cast("MediaKind", verb)
            await self.customer.send_media(kind, caption=value.caption, expects_reply=value.expects_reply)

    async def _write(self, texts: list[Say]) -> None:
        for position, text in enumerate(texts):
            if position:
                await asyncio.sleep(0.1 / self.speed)
            await self._say(text)

    async def _say(self, say: Say) -> None:
        referral = None if self.referred else self.person.referral
        self.referred = True
        quoted = self.customer.received[-1].wamid if say.reply and self.customer.received else None
        await self.customer.say(say.text, reply_to=quoted, referral=referral, expects_reply=say.expects_reply)

    async def _tap(self, tap: Tap) -> None:
        wanted = tap.title or tap.id or ""
        try:
            await self.customer.tap(wanted)
        except NothingToTapError:
            await self.customer.say(wanted)

    async def _rest(self, how: WaitReply | float) -> None:
        if isinstance(how, (int, float)):
            await asyncio.sleep(how / self.speed)
            return
        try:
            await self.customer.replies(timeout=how.timeout, quiet=how.quiet / self.speed)
        except NoReplyError as error:
            self.progress.missed.append(str(error))

    def _expect(self, expects: Expects) -> None:
        heard: list[Received] = self.customer.received[self.heard :]
        said = "\n".join(_words(message) for message in heard).casefold()
        if expects.none and heard:
            self.progress.missed.append(f"expected silence, got {said!r}")
        if expects.says is not None and expects.says.casefold() not in said:
            self.progress.missed.append(f"expected {expects.says!r} in {said!r}")
        if expects.any_of is not None and not any(words.casefold() in said for words in expects.any_of):
            self.progress.missed.append(f"expected one of {expects.any_of} in {said!r}")
        if expects.not_says is not None and expects.not_says.casefold() in said:
            self.progress.missed.append(f"did not expect {expects.not_says!r} in {said!r}")


def _words(message: Received) -> str:
    return "\n".join([message.text, *(choice.title for choice in message.choices)])
