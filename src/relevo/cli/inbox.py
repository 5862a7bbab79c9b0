"""`relevo inbox …`: what people do with conversations and tasks, from a terminal. The same acts as the API's."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from relevo.cli.opening import Store, open_store
from relevo.cli.output import AsJson, command, write_json, write_table
from relevo.cli.workspaces import Workspace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from relevo.conversations.change import Locked
    from relevo.store.database import Connection

    Act = Callable[[Connection, uuid.UUID], Awaitable[Any]]

app = typer.Typer(help="Conversations and tasks, as a person.", no_args_is_help=True)
members = typer.Typer(help="The people of a shop.", no_args_is_help=True)

Conversation = Annotated[uuid.UUID, typer.Argument(help="The conversation's id.")]
Task = Annotated[uuid.UUID, typer.Argument(help="The task's id.")]
Member = Annotated[str | None, typer.Option("--member", "-m", help="Who acts: e-mail address.")]

_MEMBER = """
select id from members where workspace_id = %(workspace)s and email = lower(%(email)s) and deactivated_at is null
"""
_TASKS = """
select t.id, t.kind, t.reason, coalesce(m.name, '(waiting)') as assignee, l.why, t.overdue_at is not null as overdue,
       c.name as customer, t.conversation_id, t.created_at
from tasks t
join conversations v on v.id = t.conversation_id
join contacts c on c.id = v.contact_id
left join members m on m.id = t.assignee_id
left join lateral (select why from assignments a where a.task_id = t.id order by a.id desc limit 1) l on true
where t.workspace_id = %(workspace)s and t.status = 'open'
order by t.created_at
"""


def _do(workspace: str, act: Act, *, as_json: bool, said: str) -> Any:  # noqa: ANN401 - what the act returns
    """Run one act in one transaction of a workspace, and say so."""
    from relevo.crm.workspaces import find_workspace

    async def work(store: Store) -> Any:  # noqa: ANN401 - as above
        async with store.database() as database, database.transaction() as connection:
            return await act(connection, await find_workspace(connection, workspace))

    with open_store() as store:
        done = asyncio.run(work(store))
    if as_json:
        write_json({"done": True} if done is None else done)
    elif said:
        typer.echo(said)
    return done


async def _member(connection: Connection, workspace_id: uuid.UUID, email: str | None) -> uuid.UUID | None:
    from relevo.errors import NotFoundError
    from relevo.store.database import fetch_one

    if email is None:
        return None
    row = await fetch_one(connection, _MEMBER, {"workspace": workspace_id, "email": email})
    if row is None:
        raise NotFoundError(f"There is no member {email} in this workspace.")
    return row["id"]


async def _locked(connection: Connection, workspace_id: uuid.UUID, conversation: uuid.UUID) -> Locked:
    from relevo.conversations.change import lock_conversation

    return await lock_conversation(connection, workspace_id, conversation)


@app.command("agent")
@command
def agent(
    workspace: Workspace, switch: Annotated[str, typer.Argument(help="on or off")], as_json: AsJson = False
) -> None:
    """Switch the agent on or off for the whole shop."""
    from relevo.crm.agent_config import change_agent_config

    if switch not in {"on", "off"}:
        raise typer.BadParameter("on or off")

    async def act(connection: Connection, workspace_id: uuid.UUID) -> None:
        await change_agent_config(connection, workspace_id, {"agent_enabled": switch == "on"}, by_member_id=None)

    _do(workspace, act, as_json=as_json, said=f"The agent is {switch}.")


@app.command("take-over")
@command
def take_over(workspace: Workspace, conversation: Conversation, member: Member = None, as_json: AsJson = False) -> None:
    """Take a conversation over from the agent."""
    from relevo.conversations.ownership import take_over as take

    async def act(connection: Connection, workspace_id: uuid.UUID) -> None:
        member_id = await _member(connection, workspace_id, member)
        await take(connection, await _locked(connection, workspace_id, conversation), member_id=member_id, by="person")

    _do(workspace, act, as_json=as_json, said="The conversation is yours; the agent is silent.")


@app.command("reply")
@command
def reply(
    workspace: Workspace, conversation: Conversation, text: str, member: Member = None, as_json: AsJson = False
) -> None:
    """Say something as a person."""
    from relevo.agents.decision import Bubble
    from relevo.conversations.person_reply import reply as plan

    async def act(connection: Connection, workspace_id: uuid.UUID) -> dict[str, Any]:
        member_id = await _member(connection, workspace_id, member)
        bubble = Bubble(key="person", text=text)
        ids = await plan(connection, workspace_id, conversation, bubble, member_id=member_id)
        return {"ids": ids}

    _do(workspace, act, as_json=as_json, said="Planned; a worker sends it at once.")


@app.command("hand-off")
@command
def hand_off(
    workspace: Workspace,
    conversation: Conversation,
    reason: Annotated[str, typer.Option(help="Why a person is needed.")] = "person_asked",
    as_json: AsJson = False,
) -> None:
    """Hand a conversation to the people of the shop."""
    from relevo.agents.decision import HandoffRequest
    from relevo.conversations.handoff import hand_off as hand

    async def act(connection: Connection, workspace_id: uuid.UUID) -> dict[str, Any]:
        locked = await _locked(connection, workspace_id, conversation)
        done = await hand(connection, locked, HandoffRequest(reason, ""), asked_by="person")
        return {"task_id": done.task_id, "new": done.new}

    _do(workspace, act, as_json=as_json, said="Handed off.")


@app.command("hand-back")
@command
def hand_back(workspace: Workspace, conversation: Conversation, member: Member = None, as_json: AsJson = False) -> None:
    """Give a conversation back to the agent."""
    from relevo.conversations.handback import hand_back as back

    async def act(connection: Connection, workspace_id: uuid.UUID) -> None:
        member_id = await _member(connection, workspace_id, member)
        await back(connection, await _locked(connection, workspace_id, conversation), member_id=member_id, by="person")

    _do(workspace, act, as_json=as_json, said="The agent has the conversation again.")


@app.command("tasks")
@command
def tasks(workspace: Workspace, as_json: AsJson = False) -> None:
    """List open tasks: the oldest first, to whom each went and why."""
    from relevo.store.database import fetch_all

    async def act(connection: Connection, workspace_id: uuid.UUID) -> list[dict[str, Any]]:
        return [dict(row) for row in await fetch_all(connection, _TASKS, {"workspace": workspace_id})]

    rows = _do(workspace, act, as_json=as_json, said="")
    if not as_json:
        names = ["kind", "reason", "customer", "assignee", "why", "overdue", "id", "conversation_id"]
        write_table(names, [[row[name] for name in names] for row in rows])


@app.command("complete")
@command
def complete(workspace: Workspace, task: Task, member: Member = None, as_json: AsJson = False) -> None:
    """Note that a task is done."""
    from relevo.crm.tasks import complete_task

    async def act(connection: Connection, workspace_id: uuid.UUID) -> None:
        member_id = await _member(connection, workspace_id, member)
        await complete_task(connection, workspace_id, task, by_member_id=member_id)

    _do(workspace, act, as_json=as_json, said="Done.")


@app.command("timeline")
@command
def timeline(
    workspace: Workspace,
    conversation: Conversation,
    lang: Annotated[str | None, typer.Option(help="es, en or pt; by default the shop's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what was decided about each message, and why."""
    import dataclasses

    from relevo.conversations.timeline import timeline as tell

    if lang not in {None, "es", "en", "pt"}:
        raise typer.BadParameter("es, en or pt")

    async def act(connection: Connection, workspace_id: uuid.UUID) -> list[dict[str, Any]]:
        entries = await tell(connection, workspace_id, conversation, limit=200, language=lang)
        return [dataclasses.asdict(entry) for entry in reversed(entries)]

    entries = _do(workspace, act, as_json=as_json, said="")
    if not as_json:
        rows = [
            (f"{row['at']:%d %H:%M:%S}", row["author"] or row["kind"], row["text"], row["words"]) for row in entries
        ]
        write_table(["at", "who", "text", "what became of it"], rows)


@members.command("add")
@command
def add_member(
    workspace: Workspace,
    email: str,
    name: Annotated[str, typer.Option(help="What customers and colleagues know them by.")] = "",
    role: Annotated[str, typer.Option(help="owner, admin or agent")] = "agent",
    as_json: AsJson = False,
) -> None:
    """Add somebody to a shop."""
    from typing import cast, get_args

    from relevo.crm.members import Role, add_member

    if role not in get_args(Role):
        raise typer.BadParameter("owner, admin or agent")

    async def act(connection: Connection, workspace_id: uuid.UUID) -> dict[str, Any]:
        return {"id": await add_member(connection, workspace_id, email=email, name=name, role=cast("Role", role))}

    _do(workspace, act, as_json=as_json, said=f"{email} is a member now.")


@members.command("presence")
@command
def presence(
    workspace: Workspace,
    email: str,
    presence: Annotated[str, typer.Argument(help="online, away, offline, or auto: as inboxes are open")],
    as_json: AsJson = False,
) -> None:
    """Set somebody's presence by hand."""
    from typing import cast

    from relevo.crm.presence import set_presence

    if presence not in {"online", "away", "offline", "auto"}:
        raise typer.BadParameter("online, away, offline or auto")

    async def act(connection: Connection, workspace_id: uuid.UUID) -> None:
        member_id = await _member(connection, workspace_id, email)
        wanted = cast('Literal["auto", "online", "away", "offline"]', presence)
        await set_presence(connection, workspace_id, cast("uuid.UUID", member_id), wanted)

    _do(workspace, act, as_json=as_json, said=f"{email}: {presence}.")
