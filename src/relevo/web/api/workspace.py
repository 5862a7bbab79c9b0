"""`/workspaces/current` and `/agent-config`: the shop and what it decided about its agent and its people."""

import uuid
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field, PlainSerializer

from relevo.agents.playbook.loader import bundled
from relevo.crm.agent_config import CHANGEABLE, change_agent_config
from relevo.errors import InvalidRequestError, NotFoundError
from relevo.store.database import Connection, fetch_one
from relevo.web.api.access import Admin, Caller, Db, Me

router = APIRouter(tags=["workspace"])

Seconds = Annotated[timedelta, PlainSerializer(timedelta.total_seconds, return_type=float)]
"""A duration: seconds in, seconds out."""
_NULLABLE = frozenset({"release_after", "people_hours", "out_of_hours_message", "handoff_team_id", "reassign_after"})
_NAMES = ", ".join(CHANGEABLE)


class Workspace(BaseModel):
    """The shop the token belongs to."""

    id: uuid.UUID
    name: str
    created_at: datetime


class AgentConfig(BaseModel):
    """What the shop decided. In a change, what is not named stays as it is. Durations are seconds."""

    agent_enabled: bool | None = Field(default=None, description="Off beats every switch of a single conversation.")
    conversational_agent_id: str | None = Field(default=None, description="Which playbook answers.")
    crm_agents_enabled: bool | None = None
    handoff_message: str | None = Field(default=None, min_length=1, max_length=1000)
    timer_preset: Literal["real", "rapido", "instantaneo"] | None = None
    response_speed: float | None = Field(default=None, gt=0, le=100)
    burst_quiet_seconds: float | None = Field(default=None, ge=0, le=60)
    burst_max_seconds: float | None = Field(default=None, ge=0, le=300)
    human_reply: Literal["take_over", "coexist"] | None = None
    release_after: Seconds | None = Field(default=None, ge=timedelta(seconds=1))
    language: Literal["es", "en", "pt"] | None = None
    people_hours: dict[str, Any] | None = Field(
        default=None, examples=[{"timezone": "America/Bogota", "mon-fri": "08:00-18:00", "holidays": "CO"}]
    )
    out_of_hours_message: str | None = Field(default=None, max_length=1000, description="`{when}`: the next opening.")
    member_capacity: int | None = Field(default=None, ge=1, le=1000)
    sticky_assignment: bool | None = None
    handoff_team_id: uuid.UUID | None = None
    away_after: Seconds | None = Field(default=None, ge=timedelta(seconds=10))
    reassign_after: Seconds | None = Field(default=None, ge=timedelta(seconds=1))
    task_due_after: Seconds | None = Field(default=None, ge=timedelta(seconds=1))


async def _config(connection: Connection, me: Caller) -> AgentConfig:
    row = await fetch_one(
        connection,
        f"select {_NAMES} from agent_configs where workspace_id = %(workspace)s",  # noqa: S608 - our own column names
        {"workspace": me.workspace_id},
    )
    if row is None:
        raise NotFoundError("This workspace has no configuration.")
    return AgentConfig.model_validate(dict(row))


@router.get("/workspaces/current")
async def current_workspace(me: Me, db: Db) -> Workspace:
    """Show the shop the token belongs to."""
    async with db.reading() as connection:
        row = await fetch_one(
            connection,
            "select id, name, created_at from workspaces where id = %(workspace)s",
            {"workspace": me.workspace_id},
        )
    return Workspace.model_validate(dict(row or {}))


@router.get("/agent-config")
async def get_agent_config(me: Me, db: Db) -> AgentConfig:
    """Show what the shop decided."""
    async with db.reading() as connection:
        return await _config(connection, me)


@router.patch("/agent-config")
async def update_agent_config(form: AgentConfig, me: Admin, db: Db) -> AgentConfig:
    """Change it; acts on the next send."""
    changes = {name: getattr(form, name) for name in form.model_fields_set}
    empty = sorted(name for name, value in changes.items() if value is None and name not in _NULLABLE)
    if empty:
        raise InvalidRequestError(f"These must have a value: {', '.join(empty)}.")
    playbook = form.conversational_agent_id
    if playbook is not None and playbook not in bundled():
        raise InvalidRequestError(f"There is no playbook `{playbook}`. There are: {', '.join(bundled())}.")
    async with db.transaction() as connection:
        await change_agent_config(connection, me.workspace_id, changes, by_member_id=me.member_id)
        return await _config(connection, me)
