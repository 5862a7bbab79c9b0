"""The words of messages are kept for the search: all of them, once, after the messages themselves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from relevo.conversations import words as words_module
from relevo.conversations.words import WordIndex
from relevo.store.database import execute
from support.rows import Rows

if TYPE_CHECKING:
    import uuid

    import pytest

    from relevo.store.database import Database


async def indexed(rows: Rows) -> set[uuid.UUID]:
    return {row["message_id"] for row in await rows.read("select message_id from message_words")}


async def test_words_are_there_after_a_round_and_not_before(database: Database) -> None:
    rows = await Rows.create(database)
    first, second = await rows.plan(text="café molido"), await rows.plan(text="en grano")
    silent = await rows.plan(text="")
    assert await indexed(rows) == set(), "storing a message does not wait for its words"
    await WordIndex(database)()
    assert await indexed(rows) == {first, second}
    assert silent not in await indexed(rows)
    (row,) = await rows.read("select words::text as words from message_words where message_id = %(id)s", id=first)
    assert "xcafe'" in row["words"]


async def test_a_message_that_commits_late_is_not_missed(database: Database) -> None:
    rows = await Rows.create(database)
    early = await rows.plan(text="uno")
    index = WordIndex(database)
    async with database.transaction() as slow:
        # A transaction begun before the next message, and over after it was indexed, as far as that may be.
        await execute(slow, "update messages set text = 'uno más' where id = %(id)s", {"id": early})
        await execute(
            slow,
            "insert into messages (id, workspace_id, channel_id, conversation_id, direction, author, sent_by_agent,"
            " state, kind, text, epoch) select gen_random_uuid(), workspace_id, channel_id, conversation_id, 'out',"
            " 'agent', true, 'planned', 'text', 'tarde', 0 from messages where id = %(id)s",
            {"id": early},
        )
        later = await rows.plan(text="dos")
        await index()
    await index()
    texts = await rows.read("select m.text from message_words w join messages m on m.id = w.message_id order by m.text")
    assert [row["text"] for row in texts] == ["dos", "tarde", "uno más"]
    assert {early, later} <= await indexed(rows)


async def test_rounds_at_once_do_nothing_twice_and_go_on_in_batches(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = await Rows.create(database)
    wanted = {await rows.plan(text=f"palabra {number}") for number in range(25)}
    monkeypatch.setattr(words_module, "BATCH", 4)
    await asyncio.gather(*(WordIndex(database)() for _ in range(5)))
    await WordIndex(database)()
    assert await indexed(rows) == wanted
    assert await WordIndex(database).once() == 0
