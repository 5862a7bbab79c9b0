"""What a shop decides about its agent and its people. A change acts on the next send, not on the next message."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from relevo.crm.assignment import assign_waiting, lock_rotation, watch_assignments
from relevo.crm.hours import PeopleHours
from relevo.errors import InvalidRequestError
from relevo.store.database import IntegrityError, execute, to_json
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping

    from relevo.store.database import Connection

CHANGEABLE = (
    "agent_enabled", "conversational_agent_id", "crm_agents_enabled", "handoff_message", "timer_preset",
    "response_speed", "burst_quiet_seconds", "burst_max_seconds", "human_reply", "release_after", "language",
    "people_hours", "out_of_hours_message", "member_capacity", "sticky_assignment", "handoff_team_id", "away_after",
    "reassign_after", "task_due_after", "whatsapp_prices",
)  # fmt: skip

_REFUSED = {
    "ck_agent_configs_burst": ("burst_max_seconds", "The longest wait is not shorter than the quiet one."),
    "fk_agent_configs_handoff_team_id_workspace_id": ("handoff_team_id", "There is no such team in this shop."),
}


async def change_agent_config(
    connection: Connection, workspace_id: uuid.UUID, changes: Mapping[str, Any], *, by_member_id: uuid.UUID | None
) -> None:
    """Change some of the configuration.

    Raises:
        InvalidRequestError: a value does not fit.

    """
    wanted = {name: changes[name] for name in CHANGEABLE if name in changes}
    if not wanted:
        return
    if "people_hours" in wanted:
        try:
            PeopleHours.read(wanted["people_hours"])
        except InvalidRequestError as error:
            raise InvalidRequestError(str(error), where="people_hours") from None
        wanted["people_hours"] = None if wanted["people_hours"] is None else to_json(wanted["people_hours"])
    if wanted.get("whatsapp_prices") is not None:
        wanted["whatsapp_prices"] = to_json(wanted["whatsapp_prices"])
    if "release_after" in wanted:
        # Who waits to be released waits for another moment now.
        await execute(connection, sql_file("relevo.crm", "wake_owned"), {"workspace": workspace_id})
    await watch_assignments(connection, workspace_id, datetime.now(UTC))
    await lock_rotation(connection, workspace_id)
    assignments = "".join(f"{name} = %({name})s, " for name in wanted)
    try:
        await execute(
            connection,
            f"update agent_configs set {assignments} updated_at = now() where workspace_id = %(workspace)s",  # noqa: S608 - names from CHANGEABLE
            {**wanted, "workspace": workspace_id},
        )
    except IntegrityError as error:
        constraint = error.diag.constraint_name or "a rule"
        where, words = _REFUSED.get(constraint, (None, f"These values do not go together: {constraint}."))
        raise InvalidRequestError(words, where=where) from None
    await execute(
        connection,
        "insert into events (workspace_id, type, data) values (%(workspace)s, 'agent_config.changed', %(data)s::jsonb)",
        {"workspace": workspace_id, "data": to_json({"changed": sorted(wanted), "memberId": by_member_id})},
    )
    await assign_waiting(connection, workspace_id)
