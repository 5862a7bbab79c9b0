"""`/playbooks`: what the agent may be. Those that ship with Relevo, and the shop's own, version by version."""

import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from relevo.agents.playbook.loader import bundled, read
from relevo.agents.playbook.problems import PlaybookProblemsError, Problem
from relevo.crm.playbook_check import Checked, check_playbook_text, run_playbook_text
from relevo.crm.playbooks import (
    MAX_TEXT,
    PlaybookText,
    fill_settings,
    filled_settings,
    find_playbook,
    own_playbooks,
    playbook_versions,
    read_playbook,
    save_playbook,
)
from relevo.errors import ConflictError, InvalidRequestError, NotFoundError
from relevo.store.database import Connection, fetch_one
from relevo.web.api.access import Admin, Caller, Db, Me
from relevo.web.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page, place
from relevo.web.api.playbook_diff import PlaybookDiff, compare

router = APIRouter(prefix="/playbooks", tags=["playbooks"])

PlaybookId = Annotated[str, Path(description="What `conversational_agent_id` names.", max_length=63)]
Text = Annotated[str, Field(max_length=MAX_TEXT, description="YAML; docs/playbook.md explains it.")]


class PlaybookProblem(BaseModel):
    """One thing to repair or, as a warning, to look at."""

    model_config = ConfigDict(from_attributes=True)
    line: int | None = Field(description="From 1.")
    column: int | None = Field(description="From 1.")
    path: list[str | int]
    message: str = Field(validation_alias="reason")
    suggestion: str | None
    warning: bool = Field(description="Does not keep the playbook from loading.")


class PlaybookSummary(BaseModel):
    """How much of what a playbook holds."""

    intents: int = 0
    flows: int = 0
    facts: int = 0
    products: int = 0
    slots: int = 0
    replies: int = 0
    follow_ups: int = 0
    tests: int = 0


class PlaybookSetting(BaseModel):
    """A value the shop must fill in before the playbook may speak, such as a registration number."""

    model_config = ConfigDict(from_attributes=True)
    key: str
    about: str
    required: bool
    example: str | None
    value: str | None
    source: Literal["shop", "installation"] | None = Field(description="Who filled it in; null: nobody.")
    problem: str | None = Field(description="Why the agent may not speak as it is.")


class Playbook(BaseModel):
    """What the shop's agent may be."""

    id: str
    name: str = Field(description="The business it speaks for.")
    language: str | None
    origin: Literal["bundled", "own"]
    version: int | None = Field(description="The version in force; null: the one that ships with this Relevo.")
    updated_at: datetime | None
    in_use: bool
    ready: bool = Field(description="It loads, and every value it asks for is filled in.")
    summary: PlaybookSummary
    settings: list[PlaybookSetting]


class PlaybookDetail(Playbook):
    """One with its text."""

    text: str


class PlaybookVersion(BaseModel):
    """One text a playbook had."""

    version: int
    created_at: datetime
    member_id: uuid.UUID | None
    member_name: str | None
    characters: int
    current: bool


class PlaybookVersionText(BaseModel):
    """One text a playbook had, in full."""

    version: int
    created_at: datetime
    member_id: uuid.UUID | None
    member_name: str | None
    current: bool
    text: str


class CheckForm(BaseModel):
    """A text to check."""

    text: Text
    run_tests: bool = Field(default=False, description="Play the dialogues it brings along; takes seconds.")
    playbook_id: str | None = Field(default=None, description="Whose filled-in settings count.")


class PlaybookTest(BaseModel):
    """How one of the playbook's own dialogues went."""

    number: int
    name: str
    line: int | None
    ok: bool
    failures: list[str]
    transcript: list[str]


class CheckReport(BaseModel):
    """What was found."""

    ok: bool = Field(description="It loads. Failing tests do not keep it from that.")
    name: str
    language: str | None
    problems: list[PlaybookProblem]
    summary: PlaybookSummary
    settings: list[PlaybookSetting]
    tests: list[PlaybookTest] | None = Field(description="Null: they were not asked for, or it does not load.")


class SaveForm(BaseModel):
    """A new version."""

    text: Text
    base_version: int | None = Field(description="The version it was written on top of; null: a new playbook.")


class SettingsForm(BaseModel):
    """The values of all its settings; what is left out falls back to the installation's."""

    values: dict[str, Annotated[str, Field(max_length=1000)]] = Field(max_length=100)


@router.get("")
async def list_playbooks(me: Me, db: Db) -> Page[Playbook]:
    """List the playbooks `conversational_agent_id` may name: the shop's own, then those that ship with Relevo."""
    async with db.reading() as connection:
        own = await own_playbooks(connection, me.workspace_id)
        filled = await filled_settings(connection, me.workspace_id)
        in_use = await _in_use(connection, me)
    texts = [(row["slug"], row["text"], row["version"], row["updated_at"]) for row in own]
    names = {slug for slug, *_ in texts}
    texts += [(name, read(name)[1], None, None) for name in bundled() if name not in names]
    items = [
        _shown(slug, await check_playbook_text(text, filled.get(slug)), version, updated_at, in_use=slug == in_use)
        for slug, text, version, updated_at in texts
    ]
    return Page[Playbook](items=items)


@router.post("/check")
async def check_playbook(form: CheckForm, me: Me, db: Db) -> CheckReport:
    """Check a text without saving it."""
    async with db.reading() as connection:
        filled = await filled_settings(connection, me.workspace_id)
    found = await check_playbook_text(form.text, filled.get(form.playbook_id or ""))
    tests = await run_playbook_text(form.text) if form.run_tests and found.ok else None
    return CheckReport(
        ok=found.ok,
        name=found.name,
        language=found.language,
        problems=_problems(found.problems),
        summary=PlaybookSummary(**found.counts),
        settings=_settings(found),
        tests=None if tests is None else [PlaybookTest.model_validate(test) for test in tests],
    )


@router.get("/{playbook_id}")
async def get_playbook(playbook_id: PlaybookId, me: Me, db: Db) -> PlaybookDetail:
    """Show one with its text."""
    async with db.reading() as connection:
        return await _detail(connection, me, playbook_id)


@router.put(
    "/{playbook_id}",
    responses={409: {"description": "Somebody saved in between"}, 422: {"description": "It does not load"}},
)
async def save(playbook_id: PlaybookId, form: SaveForm, me: Admin, db: Db) -> PlaybookDetail:
    """Save a new version, in force from now on; only if it loads. Workers take it up within seconds."""
    async with db.reading() as connection:
        own = await find_playbook(connection, me.workspace_id, playbook_id)
    if own is None and playbook_id in bundled():
        raise ConflictError(f"`{playbook_id}` ships with Relevo and stays as it is: save yours under another name.")
    found = await check_playbook_text(form.text)
    if not found.ok:
        raise PlaybookProblemsError(playbook_id, tuple(p for p in found.problems if not p.warning))
    async with db.transaction() as connection:
        await save_playbook(
            connection,
            me.workspace_id,
            playbook_id,
            form.text,
            base_version=form.base_version,
            member_id=me.member_id,
        )
        return await _detail(connection, me, playbook_id)


@router.put("/{playbook_id}/settings")
async def put_settings(playbook_id: PlaybookId, form: SettingsForm, me: Admin, db: Db) -> PlaybookDetail:
    """Fill in what the playbook asks for, such as a registration number."""
    async with db.transaction() as connection:
        shown = await _detail(connection, me, playbook_id)
        unknown = sorted(set(form.values) - {setting.key for setting in shown.settings})
        if unknown:
            raise InvalidRequestError(f"The playbook `{playbook_id}` asks for no {', '.join(unknown)}.")
        values = {key: value.strip().replace("\0", "") for key, value in form.values.items() if value.strip()}
        await fill_settings(connection, me.workspace_id, playbook_id, values, member_id=me.member_id)
        return await _detail(connection, me, playbook_id)


class Wanted(BaseModel):
    """Which page."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


@router.get("/{playbook_id}/versions")
async def list_versions(
    playbook_id: PlaybookId, me: Me, db: Db, wanted: Annotated[Wanted, Query()]
) -> Page[PlaybookVersion]:
    """List the versions of one of the shop's own, newest first."""
    async with db.reading() as connection:
        current = (await read_playbook(connection, me.workspace_id, playbook_id)).current
        found = await playbook_versions(
            connection, me.workspace_id, playbook_id, limit=wanted.limit + 1, **place(wanted.cursor, "version")
        )
    rows = [{**row, "current": row["version"] == current} for row in found]
    return page(rows, wanted.limit, PlaybookVersion, "version")


@router.get("/{playbook_id}/versions/{version}")
async def get_version(playbook_id: PlaybookId, version: int, me: Me, db: Db) -> PlaybookVersionText:
    """Show one version of one of the shop's own."""
    async with db.reading() as connection:
        found = await read_playbook(connection, me.workspace_id, playbook_id, version)
    shown = {**asdict(found), "current": found.version == found.current}
    return PlaybookVersionText.model_validate(shown)


class DiffWanted(BaseModel):
    """What to compare."""

    against: str = Field(description="A version (`3`), or another playbook's id (`tostadora`): the old text.")
    version: int | None = Field(default=None, description="The new text; left out: the version in force.")
    context: int = Field(default=3, ge=0, le=1_000_000, description="Unchanged lines shown around changes.")


class DiffForm(BaseModel):
    """A text that is not saved yet, to compare with one that is."""

    text: Text
    against: str | None = Field(default=None, description="As for GET; left out: the version in force.")
    context: int = Field(default=3, ge=0, le=1_000_000)


@router.get("/{playbook_id}/diff")
async def diff(playbook_id: PlaybookId, me: Me, db: Db, wanted: Annotated[DiffWanted, Query()]) -> PlaybookDiff:
    """Compare two saved texts, line by line."""
    async with db.reading() as connection:
        old = await _text_of(connection, me, playbook_id, wanted.against)
        new = await _text_of(connection, me, playbook_id, None if wanted.version is None else str(wanted.version))
    return await compare(wanted.against, old, new, wanted.context)


@router.post("/{playbook_id}/diff")
async def diff_draft(playbook_id: PlaybookId, form: DiffForm, me: Me, db: Db) -> PlaybookDiff:
    """Compare a draft with a saved text, line by line."""
    async with db.reading() as connection:
        old = await _text_of(connection, me, playbook_id, form.against)
    return await compare(form.against or "current", old, form.text, form.context)


async def _in_use(connection: Connection, me: Caller) -> str | None:
    row = await fetch_one(
        connection,
        "select conversational_agent_id as id from agent_configs where workspace_id = %(workspace)s",
        {"workspace": me.workspace_id},
    )
    return row["id"] if row else None


async def _detail(connection: Connection, me: Caller, playbook_id: str) -> PlaybookDetail:
    own = await find_playbook(connection, me.workspace_id, playbook_id)
    text = own.text if own is not None else _bundled_text(playbook_id)
    filled = await filled_settings(connection, me.workspace_id)
    found = await check_playbook_text(text, filled.get(playbook_id))
    in_use = await _in_use(connection, me) == playbook_id
    shown = _shown(playbook_id, found, own and own.version, own.created_at if own is not None else None, in_use=in_use)
    return PlaybookDetail(**shown.model_dump(), text=text)


async def _text_of(connection: Connection, me: Caller, playbook_id: str, which: str | None) -> str:
    """Return a version's text; without `which`, the one in force; `which` may be another playbook, too."""
    own: PlaybookText | None
    if which is not None and which.isascii() and which.isdigit():
        return (await read_playbook(connection, me.workspace_id, playbook_id, min(int(which), 2**31 - 1))).text
    name = which or playbook_id
    own = await find_playbook(connection, me.workspace_id, name)
    return own.text if own is not None else _bundled_text(name)


def _bundled_text(playbook_id: str) -> str:
    if playbook_id not in bundled():
        raise NotFoundError(f"There is no playbook `{playbook_id}`.")
    return read(playbook_id)[1]


def _shown(slug: str, found: Checked, version: int | None, updated_at: datetime | None, *, in_use: bool) -> Playbook:
    return Playbook(
        id=slug,
        name=found.name,
        language=found.language,
        origin="bundled" if version is None else "own",
        version=version,
        updated_at=updated_at,
        in_use=in_use,
        ready=found.ok and not found.lacking,
        summary=PlaybookSummary(**found.counts),
        settings=_settings(found),
    )


def _settings(found: Checked) -> list[PlaybookSetting]:
    return [PlaybookSetting.model_validate(asked) for asked in found.settings]


def _problems(problems: tuple[Problem, ...]) -> list[PlaybookProblem]:
    return [PlaybookProblem.model_validate({**asdict(problem), "path": list(problem.path)}) for problem in problems]
