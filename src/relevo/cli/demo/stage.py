"""Sets the demo's stage: a database of its own, swept clean, with one shop and one number."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg

from relevo.agents.engine.load import load_playbook
from relevo.cli.demo.people import hire
from relevo.conversations.connect import NewChannel, add_channel
from relevo.crm.workspaces import create_workspace
from relevo.errors import ConflictError
from relevo.store.database import Database, execute
from relevo.store.schema import migrate
from relevo.store.secrets import SecretBox, secret_box

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from relevo.settings import Settings
    from relevo.simulator.numbers import Number

SHOP = "Tostadora La Cima"
PLAYBOOK = "tostadora"
_LOCK = 0x44454D4F  # "DEMO"
_PACE = """
update agent_configs
set conversational_agent_id = %(playbook)s, timer_preset = 'rapido', response_speed = 2 * %(speed)s,
    burst_quiet_seconds = 2.0 / %(speed)s, burst_max_seconds = 6.0 / %(speed)s
"""


@contextmanager
def own_database(url: str) -> Generator[None]:
    """Take the demo's database for ourselves, empty it and bring it up to date.

    Raises:
        ConflictError: another demo plays in it.

    """
    with psycopg.connect(url, autocommit=True, application_name="relevo demo") as connection:
        row = connection.execute("select pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
        if row is None or not row[0]:
            raise ConflictError(
                "Another demo is running on this machine: end it first, or set another RELEVO_DATA_DIR."
            )
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
        migrate(url)
        yield


async def open_shop(
    url: str, settings: Settings, data_dir: Path, number: Number, *, speed: float, password: str
) -> None:
    """Create the shop with its people and connect the simulated number. `speed` divides the agent's pauses."""
    secrets: SecretBox = secret_box(settings, data_dir)
    channel = NewChannel(
        provider=number.provider,
        phone_number_id=number.phone_number_id,
        phone=f"+{number.display_phone}",
        access_token=number.access_token,
        app_secret=number.app_secret,
        verify_token=number.verify_token,
    )
    database = Database(url, pool_size=2)
    try:
        async with database.transaction() as connection:
            workspace_id = await create_workspace(connection, SHOP)
            await add_channel(connection, secrets, workspace_id, channel)
            await execute(connection, _PACE, {"playbook": PLAYBOOK, "speed": speed})
            await hire(connection, workspace_id, password)
    finally:
        await database.close()


def free_port(wanted: int) -> int:
    """Return `wanted` if nobody listens there, else any free port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return wanted


def example_environment(playbook: str) -> dict[str, str]:
    """Return the examples of a playbook's settings as environment variables (without our prefix)."""
    _, loaded = load_playbook(playbook)
    return {f"playbook_{key}": setting.example for key, setting in loaded.settings.items() if setting.example}
