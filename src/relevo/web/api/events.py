"""`/events`: what happens in the workspace, live (server-sent events). A reader that comes back misses nothing.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from relevo.store.database import Database
from relevo.store.event_log import Place, events_after
from relevo.web.api.access import Caller, Db, Me
from relevo.web.live import LiveEvent, Stream, Tail, live_event, server_sent

router = APIRouter(tags=["events"])

COMMENT_SECONDS = 15.0
"""A comment so often, so that proxies and browsers know the stream is alive; and a look whether the session stands."""
CATCH_UP_BATCH = 200
PARTING_SECONDS = 1.0
"""What a stream that was told to end has to say its last words, before it is cut."""
STILL_HERE = b": still here\n\n"


class EventStream(Response):
    """Sends what a generator yields until it ends, its reader leaves, or it is cut as its reader takes nothing."""

    media_type = "text/event-stream"

    def __init__(self, tail: Tail, stream: Stream, events: AsyncGenerator[bytes]) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._tail = tail
        self._stream = stream
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        del scope
        sending = asyncio.create_task(self._send(send))
        leaving = asyncio.create_task(self._left(receive))
        cutting = asyncio.create_task(self._stream.ended.wait())
        try:
            await asyncio.wait({sending, leaving, cutting}, return_when=asyncio.FIRST_COMPLETED)
            if not leaving.done():
                await asyncio.wait({sending}, timeout=PARTING_SECONDS)
        finally:
            self._tail.leave(self._stream)
            for task in (sending, leaving, cutting):
                task.cancel()
            await asyncio.gather(sending, leaving, cutting, return_exceptions=True)
            await self._events.aclose()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for piece in self._events:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    @staticmethod
    async def _left(receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


@router.get("/events", response_class=Response, responses={200: {"content": {"text/event-stream": {}}}})
async def stream_events(
    me: Me,
    db: Db,
    request: Request,
    last_event_id: Annotated[str | None, Header(description="Go on after this event; sent by browsers.")] = None,
    after: Annotated[str | None, Query(description="As Last-Event-ID, for a first connection.")] = None,
    reset_after: Annotated[
        int | None,
        Query(ge=0, description="If more than so many were missed, `reset` comes instead: fetch anew what you show."),
    ] = None,
    workspace: Annotated[str | None, Query(description="With a session: the workspace meant, by id.")] = None,
) -> EventStream:
    """Stream events from now on, or from after `Last-Event-ID`, in the order of the log and without gaps.

    The first event is `ready`, with the place the stream begins at: fetch what you show after it arrived, and apply
    events by id. An event may come twice after a reconnection, never not at all. A reader that does not keep up is cut
    off, and goes on where it was. What a member has read (`inbox.read`) is told to this member only.
    """
    del workspace  # read with the session
    begin = last_event_id or after
    place = Place.read(begin) if begin else None
    tail: Tail = request.app.state.live
    stream = tail.join(me.workspace_id, me.member_id)
    return EventStream(tail, stream, _events(db, me, stream, place, reset_after))


async def _events(
    db: Database, me: Caller, stream: Stream, place: Place | None, reset_after: int | None
) -> AsyncGenerator[bytes]:
    begin = await _begin(stream)
    if begin is None:
        return
    yield server_sent(place or begin, "ready", {})
    if place is not None:
        async for piece in _missed(db, stream, place, begin, reset_after):
            yield piece
    looked_at = time.monotonic()
    while not stream.ended.is_set():
        events = await stream.take(COMMENT_SECONDS)
        for event in events:
            if place is None or event.place > place:
                yield event.sent
        if time.monotonic() - looked_at >= COMMENT_SECONDS or not events:
            looked_at = time.monotonic()
            async with db.reading() as connection:
                if not await me.still_welcome(connection):
                    return
            yield STILL_HERE


async def _begin(stream: Stream) -> Place | None:
    """Wait until the tail has let the stream in; None: it ended before."""
    ended = asyncio.ensure_future(stream.ended.wait())
    try:
        await asyncio.wait({ended, stream.begin}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended.cancel()
    return stream.begin.result() if stream.begin.done() and not stream.begin.cancelled() else None


async def _missed(
    db: Database, stream: Stream, place: Place, until: Place, reset_after: int | None
) -> AsyncGenerator[bytes]:
    """Read what lies between the reader's place and the tail's, or say that it is too much."""
    held: list[LiveEvent] = []
    count = 0
    while place < until and not stream.ended.is_set():
        async with db.reading() as connection:
            rows = await events_after(connection, stream.workspace_id, place, limit=CATCH_UP_BATCH)
        events = [event for event in map(live_event, rows) if event.place <= until]
        count += len(events)
        if reset_after is not None and count > reset_after:
            yield server_sent(until, "reset", {})
            return
        for event in filter(stream.wants, events):
            if reset_after is None:
                yield event.sent
            else:
                held.append(event)
        if len(events) < CATCH_UP_BATCH:
            break
        place = events[-1].place
    for event in held:
        yield event.sent
