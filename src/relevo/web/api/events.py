"""`/events`: what happens in the workspace, live (server-sent events). A reader that comes back misses nothing.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from relevo.store.database import Database, Row
from relevo.store.event_log import Place, end_of_log, events_after
from relevo.web.api.access import Caller, Db, Me

router = APIRouter(tags=["events"])

POLL_SECONDS = 0.4
COMMENT_SECONDS = 15.0
"""A comment so often, so that proxies and browsers know the stream is alive."""
BATCH = 200


@router.get("/events", response_class=StreamingResponse)
async def stream_events(
    me: Me,
    db: Db,
    request: Request,
    last_event_id: Annotated[str | None, Header(description="Go on after this event; sent by browsers.")] = None,
    after: Annotated[str | None, Query(description="As Last-Event-ID, for a first connection.")] = None,
) -> StreamingResponse:
    """Stream events from now on, or from after `Last-Event-ID`, in the order of the log and without gaps.

    The first event is `ready`, with the place the stream begins at: fetch what you show after it arrived, and apply
    events by id. An event may come twice after a reconnection, never not at all.
    """
    begin = last_event_id or after
    if begin:
        place = Place.read(begin)
    else:
        async with db.reading() as connection:
            place = await end_of_log(connection)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(db, me, place, request), media_type="text/event-stream", headers=headers)


async def _stream(db: Database, me: Caller, place: Place, request: Request) -> AsyncGenerator[bytes]:
    yield _event(place, "ready", {})
    quiet = 0.0
    while not await request.is_disconnected():
        async with db.reading() as connection:
            rows = await events_after(connection, me.workspace_id, place, limit=BATCH)
        for row in rows:
            place = Place(row["xact"], row["id"])
            yield _event(place, row["type"], _data(row))
        if rows:
            quiet = 0.0
            continue
        await asyncio.sleep(POLL_SECONDS)
        quiet += POLL_SECONDS
        if quiet >= COMMENT_SECONDS:
            quiet = 0.0
            yield b": still here\n\n"


def _data(row: Row) -> dict[str, object]:
    return {
        "id": row["id"],
        "type": row["type"],
        "conversation_id": row["conversation_id"],
        "created_at": row["created_at"],
        "data": row["data"],
    }


def _event(place: Place, name: str, data: dict[str, object]) -> bytes:
    return f"id: {place}\nevent: {name}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"
