"""`/members` and `/teams`: the people of the shop, whether they are there, and who gets handoffs."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel, Field

from relevo.crm.members import Role, add_member, change_member, remove_member, remove_team, set_team
from relevo.crm.presence import close_device, heartbeat, set_presence
from relevo.errors import ForbiddenError, NotFoundError
from relevo.store.database import Connection, fetch_all
from relevo.store.sql_files import sql_file
from relevo.web.api.access import Admin, Caller, Db, Me
from relevo.web.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page, place

router = APIRouter(tags=["members"])

_TEAMS = """
select t.id, t.name, t.created_at,
       array(select member_id from team_members x where x.team_id = t.id order by member_id) as member_ids
from teams t
where t.workspace_id = %(workspace)s
  and (%(one)s::uuid is null or t.id = %(one)s)
  and (%(after_id)s::uuid is null or t.id < %(after_id)s::uuid)
order by t.id desc limit %(limit)s
"""


class Member(BaseModel):
    """A person of the shop."""

    id: uuid.UUID
    email: str
    name: str
    role: Role
    in_rotation: bool = Field(description="Whether handoffs are assigned to them.")
    capacity: int | None = Field(description="Handoffs at once; null: the shop's `member_capacity`.")
    presence: Literal["auto", "online", "away", "offline"] = Field(description="`auto`: as their inboxes are open.")
    online: bool
    devices: int = Field(description="Inboxes open right now.")
    load: int = Field(description="Handoffs they carry.")
    signs_in: bool = Field(description="False: they have not accepted an invitation yet.")
    created_at: datetime


class NewMember(BaseModel):
    """Somebody to add."""

    email: str = Field(max_length=254)
    name: str = Field(default="", max_length=200)
    role: Role = "agent"


class MemberChanges(BaseModel):
    """What to change."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    role: Role | None = None
    in_rotation: bool | None = None
    capacity: int | None = Field(default=None, ge=0)


class PresenceForm(BaseModel):
    """Presence by hand."""

    presence: Literal["auto", "online", "away", "offline"]


class Heartbeat(BaseModel):
    """An inbox that is open, or was just closed."""

    device: str = Field(min_length=1, max_length=100)
    closed: bool = False


class Team(BaseModel):
    """Members that handoffs may be limited to (`handoff_team_id` of the agent's configuration)."""

    id: uuid.UUID
    name: str
    member_ids: list[uuid.UUID]
    created_at: datetime


class TeamForm(BaseModel):
    """A team by name; its members are replaced."""

    name: str = Field(min_length=1, max_length=100, pattern=r"\S")
    member_ids: list[uuid.UUID]


class Wanted(BaseModel):
    """Which page."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


async def _show(connection: Connection, me: Caller, member_id: uuid.UUID) -> Member:
    wanted = {"workspace": me.workspace_id, "member": member_id, "after_id": None, "limit": 1}
    rows = await fetch_all(connection, sql_file("relevo.web.api", "members"), wanted)
    if not rows:
        raise NotFoundError(f"There is no member {member_id}.")
    return Member.model_validate(dict(rows[0]))


def _must_be_owner(me: Caller) -> None:
    if me.role != "owner":
        raise ForbiddenError("Only a signed-in owner of the shop makes, changes or removes owners.")


async def _must_be_theirs(connection: Connection, me: Caller, member_id: uuid.UUID) -> None:
    """Let members speak for themselves, and admins for everybody."""
    if me.role == "agent" and me.member_id != member_id:
        await _show(connection, me, member_id)
        raise ForbiddenError("This is theirs to say, or an admin's.")


@router.get("/members")
async def list_members(me: Me, db: Db, wanted: Annotated[Wanted, Query()]) -> Page[Member]:
    """List members, newest first."""
    parameters = {"workspace": me.workspace_id, "member": None, "limit": wanted.limit + 1, **place(wanted.cursor, "id")}
    async with db.reading() as connection:
        rows = await fetch_all(connection, sql_file("relevo.web.api", "members"), parameters)
    return page(rows, wanted.limit, Member, "id")


@router.post("/members", status_code=status.HTTP_201_CREATED)
async def create_member(form: NewMember, me: Admin, db: Db) -> Member:
    """Add somebody; `/invitations` lets them sign in."""
    if form.role == "owner":
        _must_be_owner(me)
    async with db.transaction() as connection:
        member_id = await add_member(connection, me.workspace_id, email=form.email, name=form.name, role=form.role)
        return await _show(connection, me, member_id)


@router.get("/members/{member_id}")
async def get_member(member_id: uuid.UUID, me: Me, db: Db) -> Member:
    """Show one."""
    async with db.reading() as connection:
        return await _show(connection, me, member_id)


@router.patch("/members/{member_id}")
async def update_member(member_id: uuid.UUID, form: MemberChanges, me: Admin, db: Db) -> Member:
    """Change name, role, rotation or capacity."""
    changes = form.model_dump(exclude_unset=True)
    kept = {name: value for name, value in changes.items() if value is not None or name == "capacity"}
    async with db.transaction() as connection:
        if "owner" in {kept.get("role"), (await _show(connection, me, member_id)).role}:
            _must_be_owner(me)
        await change_member(connection, me.workspace_id, member_id, kept)
        return await _show(connection, me, member_id)


@router.delete("/members/{member_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_member(member_id: uuid.UUID, me: Admin, db: Db) -> Response:
    """Let somebody go; their handoffs go to others."""
    async with db.transaction() as connection:
        if (await _show(connection, me, member_id)).role == "owner":
            _must_be_owner(me)
        await remove_member(connection, me.workspace_id, member_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.put("/members/{member_id}/presence")
async def put_presence(member_id: uuid.UUID, form: PresenceForm, me: Me, db: Db) -> Member:
    """Set presence by hand; `auto` goes by open inboxes again."""
    async with db.transaction() as connection:
        await _must_be_theirs(connection, me, member_id)
        await set_presence(connection, me.workspace_id, member_id, form.presence)
        return await _show(connection, me, member_id)


@router.post("/members/{member_id}/heartbeat", status_code=status.HTTP_204_NO_CONTENT)
async def beat(member_id: uuid.UUID, form: Heartbeat, me: Me, db: Db) -> Response:
    """Say that an inbox is open: every 30 seconds, from each device; `closed` when it closes."""
    async with db.reading() as connection:
        await _must_be_theirs(connection, me, member_id)
    if form.closed:
        async with db.transaction() as connection:
            await close_device(connection, me.workspace_id, member_id, form.device)
    else:
        await heartbeat(db, me.workspace_id, member_id, form.device)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get("/teams")
async def list_teams(me: Me, db: Db, wanted: Annotated[Wanted, Query()]) -> Page[Team]:
    """List teams, newest first."""
    parameters = {"workspace": me.workspace_id, "one": None, "limit": wanted.limit + 1, **place(wanted.cursor, "id")}
    async with db.reading() as connection:
        rows = await fetch_all(connection, _TEAMS, parameters)
    return page(rows, wanted.limit, Team, "id")


@router.put("/teams")
async def put_team(form: TeamForm, me: Admin, db: Db) -> Team:
    """Make a team, or change the one of that name."""
    wanted = {"workspace": me.workspace_id, "after_id": None, "limit": 1}
    async with db.transaction() as connection:
        team_id = await set_team(connection, me.workspace_id, form.name.strip(), form.member_ids)
        rows = await fetch_all(connection, _TEAMS, {**wanted, "one": team_id})
    return Team.model_validate(dict(rows[0]))


@router.delete("/teams/{team_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_team(team_id: uuid.UUID, me: Admin, db: Db) -> Response:
    """Dissolve a team; its members stay. Handoffs limited to it go to everybody again."""
    async with db.transaction() as connection:
        await remove_team(connection, me.workspace_id, team_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
