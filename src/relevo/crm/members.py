"""The people of a shop and their teams. A shop that has an owner keeps one. Signing in is not decided here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from uuid_utils.compat import uuid7

from relevo.crm.assignment import assign_waiting, lock_rotation, watch_assignments
from relevo.errors import ConflictError, InvalidRequestError, NotFoundError
from relevo.store.database import IntegrityError, execute, fetch_one
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence

    from relevo.store.database import Connection

Role = Literal["owner", "admin", "agent"]
_CHANGEABLE = ("name", "role", "in_rotation", "capacity")


async def add_member(
    connection: Connection, workspace_id: uuid.UUID, *, email: str, name: str, role: Role = "agent"
) -> uuid.UUID:
    """Add somebody to a shop; a member who had left comes back.

    Raises:
        ConflictError: they are a member already.
        InvalidRequestError: that is no e-mail address.

    """
    email = email.strip().lower()
    if "@" not in email.strip("@"):
        raise InvalidRequestError(f"`{email}` is not an e-mail address.")
    row = await fetch_one(
        connection,
        sql_file("relevo.crm", "add_member"),
        {"id": uuid7(), "workspace": workspace_id, "email": email, "name": name.strip() or email, "role": role},
    )
    if row is None:
        raise ConflictError(f"{email} is a member already.")
    return row["id"]


async def add_or_promote(
    connection: Connection, workspace_id: uuid.UUID, *, email: str, name: str, role: Role
) -> uuid.UUID:
    """Add somebody, or give the member of this address that role; returns the member's id.

    Raises:
        ConflictError: they are the last owner, and that is not to be their role any more.
        InvalidRequestError: that is no e-mail address.

    """
    member_id = await find_member(connection, workspace_id, email)
    if member_id is None:
        return await add_member(connection, workspace_id, email=email, name=name, role=role)
    await change_member(connection, workspace_id, member_id, {"role": role, **({"name": name} if name else {})})
    return member_id


async def find_member(connection: Connection, workspace_id: uuid.UUID, email: str) -> uuid.UUID | None:
    """Return the member of this address, if there is one."""
    row = await fetch_one(
        connection,
        "select id from members where workspace_id = %(workspace)s and email = %(email)s and deactivated_at is null",
        {"workspace": workspace_id, "email": email.strip().lower()},
    )
    return row["id"] if row else None


async def change_member(
    connection: Connection, workspace_id: uuid.UUID, member_id: uuid.UUID, changes: Mapping[str, Any]
) -> None:
    """Change name, role, `in_rotation` or capacity; more capacity drains the queue.

    Raises:
        NotFoundError: no such member in this workspace.
        ConflictError: they are its last owner.

    """
    wanted = {name: changes[name] for name in _CHANGEABLE if name in changes}
    await watch_assignments(connection, workspace_id, datetime.now(UTC))
    await lock_rotation(connection, workspace_id)
    if wanted.get("role", "owner") != "owner":
        await _keep_an_owner(connection, workspace_id, member_id)
    assignments = "".join(f"{name} = %({name})s, " for name in wanted)
    touched = await execute(
        connection,
        f"update members set {assignments} id = id where id = %(member)s and workspace_id = %(workspace)s"  # noqa: S608 - names from _CHANGEABLE
        " and deactivated_at is null",
        {**wanted, "member": member_id, "workspace": workspace_id},
    )
    if not touched:
        raise NotFoundError(f"There is no member {member_id}.")
    await execute(
        connection,
        "insert into events (workspace_id, type, data)"
        " values (%(workspace)s, 'member.changed', jsonb_build_object('memberId', %(member)s::uuid))",
        {"workspace": workspace_id, "member": member_id},
    )
    await assign_waiting(connection, workspace_id)


async def remove_member(connection: Connection, workspace_id: uuid.UUID, member_id: uuid.UUID) -> None:
    """Let somebody go: their open handoffs go to others, what they did stays under their name.

    Raises:
        NotFoundError: no such member in this workspace.
        ConflictError: they are its last owner.

    """
    await watch_assignments(connection, workspace_id, datetime.now(UTC))
    await lock_rotation(connection, workspace_id)
    await _keep_an_owner(connection, workspace_id, member_id)
    row = await fetch_one(
        connection, sql_file("relevo.crm", "remove_member"), {"member": member_id, "workspace": workspace_id}
    )
    if row is None:
        raise NotFoundError(f"There is no member {member_id}.")
    await assign_waiting(connection, workspace_id)


async def _keep_an_owner(connection: Connection, workspace_id: uuid.UUID, leaving: uuid.UUID) -> None:
    """Refuse to take the role from a shop's last owner. The rotation's lock is held, so that two do not go at once."""
    row = await fetch_one(
        connection,
        "select count(*) filter (where id = %(member)s) = 1 and count(*) = 1 as last from members"
        " where workspace_id = %(workspace)s and role = 'owner' and deactivated_at is null",
        {"workspace": workspace_id, "member": leaving},
    )
    if row is not None and row["last"]:
        raise ConflictError("A shop keeps at least one owner: make somebody else an owner first.")


async def set_team(
    connection: Connection, workspace_id: uuid.UUID, name: str, member_ids: Sequence[uuid.UUID]
) -> uuid.UUID:
    """Make a team of these members, or change the one of that name; returns its id.

    Raises:
        NotFoundError: somebody is not a member of this workspace.

    """
    await watch_assignments(connection, workspace_id, datetime.now(UTC))
    await lock_rotation(connection, workspace_id)
    row = await fetch_one(
        connection,
        "insert into teams (id, workspace_id, name) values (%(id)s, %(workspace)s, %(name)s)"
        " on conflict (workspace_id, name) do update set name = excluded.name returning id",
        {"id": uuid7(), "workspace": workspace_id, "name": name},
    )
    team_id: uuid.UUID = row["id"] if row else uuid7()
    await execute(connection, "delete from team_members where team_id = %(team)s", {"team": team_id})
    try:
        async with connection.transaction():
            await execute(
                connection,
                "insert into team_members (team_id, member_id, workspace_id)"
                " select distinct %(team)s::uuid, m, %(workspace)s::uuid from unnest(%(members)s::uuid[]) m",
                {"team": team_id, "workspace": workspace_id, "members": list(member_ids)},
            )
    except IntegrityError:
        raise NotFoundError("A team has members of its workspace only.") from None
    await assign_waiting(connection, workspace_id)
    return team_id


async def remove_team(connection: Connection, workspace_id: uuid.UUID, team_id: uuid.UUID) -> None:
    """Dissolve a team. Raises NotFoundError when there is none of that id."""
    await watch_assignments(connection, workspace_id, datetime.now(UTC))
    await lock_rotation(connection, workspace_id)
    gone = await execute(
        connection,
        "delete from teams where id = %(team)s and workspace_id = %(workspace)s",
        {"team": team_id, "workspace": workspace_id},
    )
    if not gone:
        raise NotFoundError(f"There is no team {team_id}.")
    await assign_waiting(connection, workspace_id)
