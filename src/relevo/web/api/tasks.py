"""`/tasks`: what people have to do, to whom each went and why."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, status
from pydantic import AwareDatetime, BaseModel, Field, computed_field

from relevo.conversations.change import lock_conversation
from relevo.conversations.handback import hand_back
from relevo.conversations.remarks import key_of, remark
from relevo.crm.tasks import comment_on_task, complete_task, conversation_of, give_back_task, give_task, snooze_task
from relevo.errors import InvalidRequestError, NotFoundError
from relevo.store.database import Connection, Row, fetch_all
from relevo.store.sql_files import sql_file
from relevo.web.api.access import Caller, Db, Me
from relevo.web.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page, place

router = APIRouter(prefix="/tasks", tags=["tasks"])

_COMMENTS = """
select id, member_id, text, created_at from task_comments
where task_id = %(task)s and workspace_id = %(workspace)s order by created_at, id
"""
_LEDGER = """
select id, member_id, previous_member_id, by_member_id, cause, why, considered, created_at from assignments
where task_id = %(task)s and workspace_id = %(workspace)s order by id
"""


class Task(BaseModel):
    """Something a person has to do, about a conversation."""

    id: uuid.UUID
    conversation_id: uuid.UUID
    contact_id: uuid.UUID
    contact_name: str | None
    kind: str
    priority: str
    reason: str
    summary: str
    status: Literal["open", "done"]
    assignee_id: uuid.UUID | None
    assignee_name: str | None
    assigned_at: datetime | None
    assignment_cause: str | None
    assignment_why: str | None = Field(description="Why it went to whom it went, or why to nobody.")
    due_at: datetime | None
    overdue: bool
    snoozed_until: datetime | None
    created_at: datetime
    done_at: datetime | None
    done_by: uuid.UUID | None

    @computed_field
    @property
    def assignment_why_key(self) -> str | None:
        """The same reason by a stable key: `only_one_free`, …; `other`: there is only the text."""
        return key_of(self.assignment_why)


class Comment(BaseModel):
    """What somebody noted."""

    id: uuid.UUID
    member_id: uuid.UUID | None
    text: str
    created_at: datetime


class LedgerEntry(BaseModel):
    """One assignment: who was considered, who got it and why."""

    id: int
    member_id: uuid.UUID | None
    previous_member_id: uuid.UUID | None
    by_member_id: uuid.UUID | None
    cause: str
    why: str
    considered: list[dict[str, Any]]
    created_at: datetime

    @computed_field
    @property
    def why_key(self) -> str:
        """The same reason by a stable key: `only_one_free`, …; `other`: there is only the text."""
        return remark(self.why).key


class TaskDetails(Task):
    """A task with what was noted on it and how it was assigned."""

    comments: list[Comment]
    assignments: list[LedgerEntry]


class Filters(BaseModel):
    """Which tasks, and which page of them."""

    ids: list[uuid.UUID] = Field(
        default=[], max_length=100, description="These, all on one page; what is not there is left out."
    )
    status: Literal["open", "done"] | None = None
    kind: str | None = None
    assignee_id: uuid.UUID | None = None
    unassigned: bool | None = None
    overdue: bool | None = None
    snoozed: bool | None = None
    conversation_id: uuid.UUID | None = None
    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


class AssignForm(BaseModel):
    """To whom; null: back into the queue."""

    member_id: uuid.UUID | None


class SnoozeForm(BaseModel):
    """Until when."""

    until: AwareDatetime


class CommentForm(BaseModel):
    """What to note."""

    text: str = Field(min_length=1, max_length=4000)


class CompleteForm(BaseModel):
    """Whether the agent gets the conversation back with it."""

    hand_back: bool = False


_CONDITIONS = {
    "ids": "t.id = any(%(ids)s::uuid[])",
    "status": "t.status = %(status)s",
    "kind": "t.kind = %(kind)s",
    "assignee_id": "t.assignee_id = %(assignee_id)s",
    "unassigned": "(t.assignee_id is null) = %(unassigned)s",
    "overdue": "(t.overdue_at is not null and t.status = 'open') = %(overdue)s",
    "snoozed": "coalesce(t.snoozed_until > now(), false) = %(snoozed)s",
    "conversation_id": "t.conversation_id = %(conversation_id)s",
    "after_id": "(t.created_at, t.id) < (%(after_created_at)s::timestamptz, %(after_id)s::uuid)",
}


async def _read(connection: Connection, me: Caller, wanted: Mapping[str, Any]) -> Sequence[Row]:
    given = {name: value for name, value in wanted.items() if value is not None and value != []}
    which = "".join(f" and {_CONDITIONS[name]}" for name in _CONDITIONS if name in given)
    statement = sql_file("relevo.web.api", "tasks").format(which=which)
    return await fetch_all(connection, statement, {**given, "workspace": me.workspace_id})


async def _show(connection: Connection, me: Caller, task_id: uuid.UUID) -> TaskDetails:
    rows = await _read(connection, me, {"ids": [task_id], "limit": 1})
    if not rows:
        raise NotFoundError(f"There is no task {task_id}.")
    about = {"task": task_id, "workspace": me.workspace_id}
    comments = await fetch_all(connection, _COMMENTS, about)
    ledger = await fetch_all(connection, _LEDGER, about)
    return TaskDetails.model_validate(
        {**rows[0], "comments": [dict(row) for row in comments], "assignments": [dict(row) for row in ledger]}
    )


@router.get("")
async def list_tasks(me: Me, db: Db, wanted: Annotated[Filters, Query()]) -> Page[Task]:
    """List tasks, newest first."""
    asked = {**wanted.model_dump(exclude={"limit", "cursor"}), **place(wanted.cursor, "created_at", "id")}
    async with db.reading() as connection:
        if wanted.ids:
            rows = await _read(connection, me, {"ids": wanted.ids, "limit": len(wanted.ids)})
            return Page[Task](items=[Task.model_validate(row) for row in rows])
        rows = await _read(connection, me, {**asked, "limit": wanted.limit + 1})
    return page(rows, wanted.limit, Task, "created_at", "id")


@router.get("/{task_id}")
async def get_task(task_id: uuid.UUID, me: Me, db: Db) -> TaskDetails:
    """Show one, with its comments and its entries in the ledger of assignments."""
    async with db.reading() as connection:
        return await _show(connection, me, task_id)


@router.post("/{task_id}/take")
async def take_task(task_id: uuid.UUID, me: Me, db: Db) -> TaskDetails:
    """Take it oneself; say who with the `Relevo-Member` header."""
    if me.member_id is None:
        raise InvalidRequestError("Say who takes it: send the `Relevo-Member` header.")
    async with db.transaction() as connection:
        await give_task(connection, me.workspace_id, task_id, me.member_id, by_member_id=me.member_id)
        return await _show(connection, me, task_id)


@router.post("/{task_id}/assign")
async def assign_task(task_id: uuid.UUID, form: AssignForm, me: Me, db: Db) -> TaskDetails:
    """Give it to a member, or put it back into the queue."""
    async with db.transaction() as connection:
        if form.member_id is None:
            await give_back_task(connection, me.workspace_id, task_id, by_member_id=me.member_id)
        else:
            await give_task(connection, me.workspace_id, task_id, form.member_id, by_member_id=me.member_id)
        return await _show(connection, me, task_id)


@router.post("/{task_id}/snooze")
async def put_task_off(task_id: uuid.UUID, form: SnoozeForm, me: Me, db: Db) -> TaskDetails:
    """Put it off."""
    async with db.transaction() as connection:
        await snooze_task(connection, me.workspace_id, task_id, form.until, by_member_id=me.member_id)
        return await _show(connection, me, task_id)


@router.post("/{task_id}/comments", status_code=status.HTTP_201_CREATED)
async def comment(task_id: uuid.UUID, form: CommentForm, me: Me, db: Db) -> TaskDetails:
    """Note something on it."""
    async with db.transaction() as connection:
        await comment_on_task(connection, me.workspace_id, task_id, form.text, by_member_id=me.member_id)
        return await _show(connection, me, task_id)


@router.post("/{task_id}/complete")
async def complete(task_id: uuid.UUID, form: CompleteForm, me: Me, db: Db) -> TaskDetails:
    """Note that it is done; with `hand_back` the agent gets the conversation back in the same breath."""
    async with db.transaction() as connection:
        if form.hand_back:
            conversation_id = await conversation_of(connection, me.workspace_id, task_id)
            locked = await lock_conversation(connection, me.workspace_id, conversation_id)
            await hand_back(connection, locked, member_id=me.member_id, by="task")
        await complete_task(connection, me.workspace_id, task_id, by_member_id=me.member_id)
        return await _show(connection, me, task_id)
