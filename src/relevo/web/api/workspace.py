"""`/workspaces/current` and `/agent-config`: the shop and what it decided about its agent and its people."""

import uuid
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from fastapi import APIRouter
from pydantic import BaseModel, Field, PlainSerializer

from relevo.agents.playbook.loader import bundled, read
from relevo.crm.agent_config import CHANGEABLE, change_agent_config
from relevo.crm.playbook_check import check_playbook_text
from relevo.crm.playbooks import filled_settings, find_playbook, own_playbooks
from relevo.crm.workspaces import rename_workspace
from relevo.errors import InvalidRequestError, NotFoundError
from relevo.store.database import Connection, fetch_one
from relevo.web.api.access import Admin, Caller, Db, Me

router = APIRouter(tags=["workspace"])

Seconds = Annotated[timedelta, PlainSerializer(timedelta.total_seconds, return_type=float)]
"""A duration: seconds in, seconds out."""
_NULLABLE = frozenset({
    "release_after", "people_hours", "out_of_hours_message", "handoff_team_id", "reassign_after", "whatsapp_prices",
})  # fmt: skip
_NAMES = ", ".join(CHANGEABLE)


class Workspace(BaseModel):
    """The shop the token belongs to."""

    id: uuid.UUID
    name: str
    created_at: datetime


class WorkspaceChanges(BaseModel):
    """What to change."""

    name: str = Field(min_length=1, max_length=200, pattern=r"\S")


class WhatsAppPrices(BaseModel):
    """What WhatsApp charges for a message, by category, in millionths of the currency: `12500` is 0.0125.

    Its statuses say which messages are charged for, never how much; the list is on Meta's pricing page. Unnamed: 0.
    """

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    marketing: int = Field(default=0, ge=0, le=100_000_000_000)
    utility: int = Field(default=0, ge=0, le=100_000_000_000)
    authentication: int = Field(default=0, ge=0, le=100_000_000_000)
    service: int = Field(default=0, ge=0, le=100_000_000_000)


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
    whatsapp_prices: WhatsAppPrices | None = Field(
        default=None, description="For the figures; null: costs are shown as 0."
    )


class Timezones(BaseModel):
    """Names of time zones."""

    items: list[str]


async def _must_be_ready(connection: Connection, me: Caller, playbook: str) -> None:
    """Let only a playbook be chosen that could speak at once."""
    own = await find_playbook(connection, me.workspace_id, playbook)
    if own is None and playbook not in bundled():
        names = [row["slug"] for row in await own_playbooks(connection, me.workspace_id)]
        raise InvalidRequestError(
            f"There is no playbook `{playbook}`. There are: {', '.join([*names, *bundled()])}.",
            where="conversational_agent_id",
        )
    filled = await filled_settings(connection, me.workspace_id)
    found = await check_playbook_text(own.text if own is not None else read(playbook)[1], filled.get(playbook))
    lacking = "; ".join(f"{asked.key}: {asked.problem}" for asked in found.lacking)
    if lacking or not found.ok:
        reason = f"it lacks settings ({lacking})" if lacking else "it does not load"
        raise InvalidRequestError(f"`{playbook}` cannot speak yet: {reason}.", where="conversational_agent_id")


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


@router.patch("/workspaces/current")
async def update_workspace(form: WorkspaceChanges, me: Admin, db: Db) -> Workspace:
    """Rename the shop."""
    async with db.transaction() as connection:
        await rename_workspace(connection, me.workspace_id, form.name)
    return await current_workspace(me, db)


@router.get("/timezones")
async def list_timezones(me: Me) -> Timezones:
    """List the time zones `people_hours` and `/insights` know."""
    del me
    return Timezones(items=sorted(name for name in available_timezones() if "/" in name or name == "UTC"))


@router.get("/agent-config")
async def get_agent_config(me: Me, db: Db) -> AgentConfig:
    """Show what the shop decided."""
    async with db.reading() as connection:
        return await _config(connection, me)


@router.patch("/agent-config")
async def update_agent_config(form: AgentConfig, me: Admin, db: Db) -> AgentConfig:
    """Change it; acts on the next send."""
    changes = {name: getattr(form, name) for name in form.model_fields_set}
    if form.whatsapp_prices is not None:
        changes["whatsapp_prices"] = form.whatsapp_prices.model_dump()
    empty = sorted(name for name, value in changes.items() if value is None and name not in _NULLABLE)
    if empty:
        raise InvalidRequestError(f"These must have a value: {', '.join(empty)}.", where=empty[0])
    async with db.transaction() as connection:
        if form.conversational_agent_id is not None:
            await _must_be_ready(connection, me, form.conversational_agent_id)
        await change_agent_config(connection, me.workspace_id, changes, by_member_id=me.member_id)
        return await _config(connection, me)
