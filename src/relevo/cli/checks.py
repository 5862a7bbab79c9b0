"""What `relevo doctor` looks at: what it found and, where that is not well, what to do. Changes nothing."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from relevo.cli.opening import Store, data_directory, open_store
from relevo.errors import PlaybookError, RelevoError, SchemaOutdatedError, SecretError
from relevo.insights import operations as insights
from relevo.settings import load_settings
from relevo.store.database import DatabaseError
from relevo.store.schema import latest_revision, require_current_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from relevo.store.database import Database, Row
    from relevo.store.secrets import SecretBox

Level = Literal["ok", "note", "wrong"]

SLOW_QUEUE_SECONDS = 10.0
SLOW_ANSWER_SECONDS = 120.0
SILENT_RELAY_SECONDS = 120.0
LOW_DISK_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    name: str
    level: Level
    found: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return it for JSON."""
        return {key: value for key, value in asdict(self).items() if value}


async def examine() -> list[Finding]:
    """Look at everything that can be looked at; what cannot be reached ends the round there."""
    findings: list[Finding] = []
    try:
        settings = load_settings()
        findings.extend(_disk(data_directory(settings)) if settings.database_url is None else [])
        with open_store(settings) as store:
            findings.append(_where(store))
            async with store.database(any_schema=True) as database:
                await _examine_store(store, database, findings)
    except SchemaOutdatedError as error:
        findings.append(Finding("schema", "wrong", str(error), "relevo migrate"))
    except RelevoError as error:
        findings.append(Finding(error.code, "wrong", str(error)))
    except (DatabaseError, OSError) as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[:1]
        findings.append(
            Finding(
                "database",
                "wrong",
                f"it does not answer: {''.join(cause) or type(error).__name__}",
                "check RELEVO_DATABASE_URL, and that the server runs and lets this machine in",
            )
        )
    return findings


async def _examine_store(store: Store, database: Database, findings: list[Finding]) -> None:
    await require_current_schema(database)
    findings.append(Finding("schema", "ok", f"current ({latest_revision()})"))
    secrets = _secrets(store, findings)
    channels = await insights.connected_channels(database)
    findings.extend(_channels(channels, secrets))
    if store.settings.whatsapp_api_url:
        findings.append(
            Finding(
                "API address",
                "note",
                f"messages go to {store.settings.whatsapp_api_url} instead of WhatsApp",
                "unset RELEVO_WHATSAPP_API_URL unless this is a simulation or a proxy",
            )
        )
    findings.extend(await _agents(database, channels))
    figures = await insights.operations(database)
    blind = store.settings.database_pooled and store.settings.database_direct_url is None
    findings.extend(_queue(figures, await insights.at_work(database), needed=bool(channels), blind=blind))
    if store.settings.engine == "inngest":
        findings.extend(_inngest(await insights.relay_state(database)))
    failed = await insights.failed_runs(database)
    findings.extend(_failed(figures.failed, failed))
    findings.extend(_set_aside(figures.set_aside, await insights.set_aside_reasons(database)))


def _where(store: Store) -> Finding:
    kind = f"embedded Postgres in {store.data_dir}" if store.embedded else "the server of RELEVO_DATABASE_URL"
    return Finding("database", "ok", kind)


def _disk(directory: object) -> Iterator[Finding]:
    from pathlib import Path

    place = Path(str(directory))
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    words = f"{free / 1e9:.1f} GB free at {place}"
    if free < LOW_DISK_BYTES:
        yield Finding("disk", "wrong", words, "make room: Postgres stops when the disk is full")
    else:
        yield Finding("disk", "ok", words)


def _secrets(store: Store, findings: list[Finding]) -> SecretBox | None:
    try:
        return store.secrets()
    except RelevoError as error:
        findings.append(Finding("secret key", "wrong", str(error)))
        return None


def _channels(channels: Sequence[Row], secrets: SecretBox | None) -> Iterator[Finding]:
    if not channels:
        yield Finding(
            "numbers", "note", "none is connected", "relevo workspace create NAME, then relevo channel add --help"
        )
    now = datetime.now(UTC)
    for channel in channels:
        name = f"number {channel['phone']}"
        problem = _unreadable(channel, secrets)
        if problem is not None:
            yield Finding(name, "wrong", problem)
        elif channel["status"] != "active":
            yield Finding(
                name,
                "wrong",
                f"stopped: {channel['status_reason'] or 'no reason is known'}",
                f"mend the cause, then: relevo channel enable {channel['phone']}",
            )
        elif channel["paused_until"] is not None and channel["paused_until"] > now:
            yield Finding(
                name, "note", f"WhatsApp asked for slower sending: paused until {channel['paused_until']:%H:%M:%S} UTC"
            )
        elif channel["last_delivery_at"] is None:
            yield Finding(
                name,
                "note",
                "no webhook has come in yet",
                "check the callback URL and verify token at the provider, and the subscription to `messages`; "
                "the address must be reachable from outside over https",
            )
        else:
            yield Finding(name, "ok", f"last webhook {_ago(now, channel['last_delivery_at'])}")


def _unreadable(channel: Row, secrets: SecretBox | None) -> str | None:
    if secrets is None:
        return "its secrets cannot be read without a key"
    try:
        for column in ("access_token", "app_secret", "verify_token"):
            if channel[column] is not None:
                secrets.open(bytes(channel[column]))
    except SecretError as error:
        return str(error)
    return None


async def _agents(database: Database, channels: Sequence[Row]) -> list[Finding]:
    """Check the playbooks that are in use."""
    from relevo.conversations.own_playbooks import OwnPlaybooks
    from relevo.conversations.playbook_agents import check_playbook

    shops = {row["workspace_id"]: (row["agent"], row["workspace"]) for row in channels if row["agent_enabled"]}
    books = OwnPlaybooks(database)
    findings: dict[str, Finding] = {}
    for shop, (agent, workspace) in shops.items():
        version = await books.version(shop, agent)
        own = None if version is None else await books.read(shop, agent, version)
        name = f"playbook {agent}" if own is None else f"playbook {agent} of {workspace}"
        try:
            check_playbook(agent, own)
        except PlaybookError as error:
            findings[name] = Finding(name, "wrong", str(error))
        else:
            findings[name] = Finding(name, "ok", "loads")
    return [findings[name] for name in sorted(findings)]


def _queue(figures: insights.Operations, at_work: Sequence[Row], *, needed: bool, blind: bool) -> Iterator[Finding]:
    busy = ", ".join(f"{row['worker']} ({row['runs']})" for row in at_work)
    if figures.workers:
        words = f"{figures.workers} connected" + (f"; at work: {busy}" if busy else ", nothing to do")
        yield Finding("workers", "ok", words)
    elif blind:
        yield Finding("workers", "note", f"cannot be counted through a pooler; at work: {busy or 'none'}")
    elif needed or figures.queue_depth:
        yield Finding("workers", "wrong", "none is running", "start one: relevo worker (or relevo serve --worker)")
    else:
        yield Finding("workers", "note", "none is running")
    if figures.queue_age > SLOW_QUEUE_SECONDS:
        words = f"{figures.queue_depth} waiting, the oldest for {figures.queue_age:.0f} s"
        yield Finding("queue", "wrong", words, "start more workers, or look at their logs")
    else:
        yield Finding("queue", "ok", f"{figures.queue_depth} waiting, {figures.leased} at work")
    if figures.oldest_unanswered > SLOW_ANSWER_SECONDS:
        words = f"{figures.unanswered} open, the oldest for {figures.oldest_unanswered / 60:.0f} min"
        yield Finding(
            "unanswered messages", "wrong", words, "see the other findings: a worker, a number or a playbook fails"
        )
    else:
        yield Finding("unanswered messages", "ok", str(figures.unanswered))


def _inngest(relay: Row | None) -> Iterator[Finding]:
    from relevo.durable.inngest.client import create_client
    from relevo.errors import ConfigurationError

    try:
        client = create_client()
    except ConfigurationError as error:
        yield Finding("Inngest", "wrong", str(error))
        return
    where = f"{'cloud or self-hosted' if client.is_production else 'dev mode, unsigned'}, {client.event_api_origin}"
    if relay is None or relay["silent"] > SILENT_RELAY_SECONDS:
        yield Finding("Inngest", "wrong", f"{where}: nothing is handed over", "start one: relevo serve")
    elif relay["failing_since"] is not None:
        words = f"{where}: takes nothing since {relay['failing_since']:%H:%M:%S} UTC ({relay['error']})"
        yield Finding("Inngest", "wrong", words, "check that it runs and INNGEST_EVENT_KEY; nothing is lost meanwhile")
    else:
        yield Finding("Inngest", "ok", where)


def _failed(count: int, rows: Sequence[Row]) -> Iterator[Finding]:
    if not count:
        yield Finding("failed for good", "ok", "none")
        return
    latest = "; ".join(f"{row['kind']} {row['key']} ({row['error']})" for row in rows[:3])
    yield Finding(
        "failed for good",
        "wrong",
        f"{count}, lately: {latest}",
        "each has a task for a person; the customer's next message tries again. Mend what the error names",
    )


def _set_aside(count: int, rows: Sequence[Row]) -> Iterator[Finding]:
    if not count:
        yield Finding("set aside", "ok", "nothing")
        return
    reasons = "; ".join(f"{row['updates']} × {row['error']}" for row in rows)
    yield Finding("set aside", "wrong", f"{count} updates: {reasons}", "mend the cause, then: relevo deliveries replay")


def _ago(now: datetime, then: datetime) -> str:
    seconds = (now - then).total_seconds()
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
