"""`relevo chat`: a conversation with a playbook in the terminal. The engine of production, its clock in your hand."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from relevo.cli.output import AsJson, command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from relevo.agents.decision import Decision
    from relevo.agents.engine.conversation import Conversation

_HELP = """\
Write as a customer would. Besides:
  /tap TITLE     tap a button or row         /skip 2h      let time pass
  /person TEXT   speak as a person           /back         hand back to the agent
  /why           how the last was understood /quit         leave"""


@command
def chat(
    playbook: Annotated[str, typer.Argument(help="A file, or the name of a playbook that ships.")] = "tostadora",
    as_json: AsJson = False,
) -> None:
    """Talk to a playbook in the terminal. Nothing is stored, nothing is sent."""
    from relevo.agents.engine.conversation import Conversation
    from relevo.agents.engine.load import load_agent

    conversation = Conversation(load_agent(playbook, examples=True))
    interactive = sys.stdin.isatty() and not as_json
    if interactive:
        typer.echo(f"{conversation.agent.name}. {_HELP}\n")
    for line in _lines(interactive=interactive):
        if line == "/quit":
            break
        _answer(conversation, line, as_json=as_json)


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


def _answer(conversation: Conversation, line: str, *, as_json: bool) -> None:
    try:
        decisions = asyncio.run(_do(conversation, line))
    except (LookupError, ValueError) as error:
        typer.echo(f"  ({error})", err=True)
        return
    for decision in decisions:
        if as_json:
            _write_decision(decision)
        else:
            for said in _words(decision):
                typer.echo(said)


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
        case "/why":
            if conversation.decisions:
                import orjson

                told = orjson.dumps(conversation.decisions[-1].explanation, default=str, option=orjson.OPT_INDENT_2)
                typer.echo(told.decode())
            return []
        case _ if word.startswith("/"):
            raise ValueError(_HELP)
        case _:
            decision = await conversation.say(line)
    if decision is None:
        typer.echo("  (a person has the conversation: /back gives it to the agent)", err=True)
    return [] if decision is None else [decision]


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
        yield f"‹ {decision.handoff.say or '…'}\n  (handed to a person: {decision.handoff.reason})"
    if not decision.bubbles and decision.handoff is None:
        yield f"  (says nothing: {'; '.join(outcome.reason for outcome in decision.outcomes) or 'no reason'})"


def _write_decision(decision: Decision) -> None:
    import orjson

    sys.stdout.write(orjson.dumps(decision, default=str, option=orjson.OPT_NON_STR_KEYS).decode() + "\n")
    sys.stdout.flush()
