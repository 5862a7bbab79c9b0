"""`relevo chat`: a conversation with a playbook in the terminal. The engine of production, its clock in your hand."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from relevo.cli.output import AsJson, command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from relevo.agents.commands import Reader
    from relevo.agents.decision import Decision
    from relevo.agents.engine.conversation import Conversation
    from relevo.agents.playbook.model import Playbook

_HELP = """\
Write as a customer would. Besides:
  /tap TITLE     tap a button or row         /skip 2h      let time pass
  /person TEXT   speak as a person           /back         hand back to the agent
  /why           show or hide how each message was understood and why it was answered so
  /quit          leave"""


@command
def chat(
    name: Annotated[
        str, typer.Argument(metavar="[PLAYBOOK]", help="A file, or the name of a playbook that ships.")
    ] = "",
    playbook: Annotated[str, typer.Option(help="The same, as an option.")] = "",
    model: Annotated[
        str, typer.Option(help="Models for what the offline reader cannot tell: `provider:name`, several by comma.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Talk to a playbook in the terminal. Nothing is stored, nothing is sent."""
    from relevo.agents.engine.conversation import Conversation
    from relevo.agents.engine.load import load_agent

    conversation = Conversation(load_agent(playbook or name or "tostadora", examples=True, reader=_reader(model)))
    telling = False
    interactive = sys.stdin.isatty() and not as_json
    if interactive:
        typer.echo(f"{conversation.agent.name}. {_HELP}\n")
    # One event loop for the whole chat: a model's connections belong to the loop they were opened in.
    with asyncio.Runner() as runner:
        for line in _lines(interactive=interactive):
            if line == "/quit":
                break
            if line == "/why":
                telling = not telling
                if conversation.decisions and telling and not as_json:
                    _explain(conversation.decisions[-1])
                continue
            _answer(runner, conversation, line, as_json=as_json, telling=telling)


def _reader(model: str) -> Callable[[Playbook], Reader] | None:
    """Read with these models, or with those of RELEVO_MODEL; offline where there are none."""
    from functools import partial

    names = [name.strip() for name in (model or os.environ.get("RELEVO_MODEL", "")).split(",") if name.strip()]
    if not names:
        return None
    from relevo.agents.understanding import build_reader

    return partial(build_reader, models=names)


def _lines(*, interactive: bool) -> Iterator[str]:
    while True:
        if interactive:
            sys.stdout.write("› ")
            sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line.strip()


def _answer(runner: asyncio.Runner, conversation: Conversation, line: str, *, as_json: bool, telling: bool) -> None:
    try:
        decisions = runner.run(_do(conversation, line))
    except (LookupError, ValueError) as error:
        typer.echo(f"  ({error})", err=True)
        return
    for decision in decisions:
        if as_json:
            _write_decision(decision)
        else:
            for said in _words(decision):
                typer.echo(said)
            if telling:
                _explain(decision)


async def _do(conversation: Conversation, line: str) -> list[Decision]:
    from relevo.agents.playbook.values import duration

    word, _, rest = line.partition(" ")
    match word:
        case "/tap":
            decision = await conversation.tap(rest.strip())
        case "/skip":
            time = duration(rest.strip())
            if not isinstance(time, timedelta):
                raise ValueError("a time looks like 30m, 2h or 1d")  # noqa: TRY004 - a customer's slip, not a defect
            return await conversation.skip(time)
        case "/person":
            conversation.person_says(rest)
            return []
        case "/back":
            decision = await conversation.hand_back()
        case _ if word.startswith("/"):
            raise ValueError(_HELP)
        case _:
            decision = await conversation.say(line)
    if decision is None:
        typer.echo("  (a person has the conversation: /back gives it to the agent)", err=True)
    return [] if decision is None else [decision]


def _explain(decision: Decision) -> None:
    """Tell what was understood, by whom and how surely, and which rules led to the answer."""
    reading: dict[str, Any] = decision.explanation.get("reading", {})
    if reading:
        said = ", ".join(" ".join(str(part) for part in c.values()) for c in reading["commands"])
        typer.echo(f"    understood: {said or 'nothing'} ({reading['source']}, {reading['confidence']:.0%} sure)")
        for note in reading["notes"]:
            typer.echo(f"    note: {note}")
    typer.echo(f"    why: {'; '.join(decision.explanation['rules']) or 'nothing to decide'}")
    slots = decision.explanation["slots"]
    if slots:
        typer.echo("    known: " + ", ".join(f"{name} {value}" for name, value in slots.items()))


def _words(decision: Decision) -> Iterator[str]:
    for bubble in decision.bubbles:
        text = bubble.text or (f"[template {bubble.template.name}]" if bubble.template else "")
        if bubble.media is not None:
            text = f"[{bubble.media.kind}: {bubble.media.link}] {text}".rstrip()
        yield "‹ " + text.replace("\n", "\n  ")
        for choice in (*bubble.buttons, *bubble.rows):
            yield f"    [{choice.title}]"
    if decision.order is not None:
        yield f"  (order: {decision.order.status}, total {decision.order.total} {decision.order.currency})"
    if decision.handoff is not None:
        yield f"‹ {decision.handoff.say or '(the handoff message of your shop)'}"
        yield f"  (handed to a person: {decision.handoff.reason})"
    if not decision.bubbles and decision.handoff is None:
        yield f"  (says nothing: {'; '.join(outcome.reason for outcome in decision.outcomes) or 'no reason'})"


def _write_decision(decision: Decision) -> None:
    import orjson

    sys.stdout.write(orjson.dumps(decision, default=str, option=orjson.OPT_NON_STR_KEYS).decode() + "\n")
    sys.stdout.flush()
