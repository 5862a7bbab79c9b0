"""Follows the event log for all open streams of this process together: one query a tick, however many are open.

Gaps cannot be: all read up to the same horizon, below the oldest transaction still running (`store/event_log`). A
stream that takes nothing is cut off, not waited for.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import orjson
import structlog

from relevo.crm.reading import READ
from relevo.store.database import fetch_all, is_unavailable
from relevo.store.event_log import LAST_ID, Place
from relevo.store.sql_files import sql_file

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from relevo.store.database import Database, Row

POLL_SECONDS = 0.3
AWAY_SECONDS = 1.0
BATCH = 500
"""Events of one shop read in one tick; a tick that reads as many is followed by the next at once."""
MOST_WAITING = 2000
"""Events that wait for one stream to take them, before it is cut off."""

log = structlog.get_logger(__name__)


class LiveEvent(NamedTuple):
    """An event as it goes to streams."""

    place: Place
    type: str
    only_for: str | None
    """The one member it is of interest to."""
    sent: bytes


class Stream:
    """One reader's place at the tail: take batches until `ended`."""

    def __init__(self, workspace_id: uuid.UUID, member_id: uuid.UUID | None) -> None:
        self.workspace_id = workspace_id
        self.ended = asyncio.Event()
        self.begin: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
        """Everything after this place comes through here."""
        self._member = None if member_id is None else str(member_id)
        self._waiting: deque[LiveEvent] = deque()
        self._alarm = asyncio.Event()

    def end(self) -> None:
        """Have the reader stop."""
        self.ended.set()
        self._alarm.set()

    def wants(self, event: LiveEvent) -> bool:
        """Whether an event is for this reader."""
        return event.only_for is None or event.only_for == self._member

    def put(self, events: Sequence[LiveEvent]) -> None:
        """Hand events over; a reader that has not taken too many is given up."""
        if self.ended.is_set():
            return
        self._waiting.extend(event for event in events if self.wants(event))
        if len(self._waiting) > MOST_WAITING:
            self._waiting.clear()
            self.end()
        self._alarm.set()

    async def take(self, within: float) -> list[LiveEvent]:
        """Wait for events, at most `within` seconds; none came or the stream has ended: empty."""
        if not self._waiting and not self.ended.is_set():
            self._alarm.clear()
            with suppress(TimeoutError):
                # Not wait_for, which loses a cancellation that comes together with the alarm.
                async with asyncio.timeout(within):
                    await self._alarm.wait()
        taken = list(self._waiting)
        self._waiting.clear()
        return taken


class Tail:
    """The one reader of the log in this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._places: dict[uuid.UUID, Place] = {}
        self._streams: dict[uuid.UUID, set[Stream]] = {}
        self._joining: list[Stream] = []
        self._alarm = asyncio.Event()
        self._following: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def streams(self) -> int:
        """How many are open."""
        return len(self._joining) + sum(map(len, self._streams.values()))

    def join(self, workspace_id: uuid.UUID, member_id: uuid.UUID | None) -> Stream:
        """Open a stream; it begins where `Stream.begin` says, as soon as that is known."""
        stream = Stream(workspace_id, member_id)
        if self._closed:
            stream.end()
            return stream
        self._joining.append(stream)
        self._alarm.set()
        if self._following is None or self._following.done():
            self._following = asyncio.create_task(self._follow())
        return stream

    def leave(self, stream: Stream) -> None:
        """Forget a stream, which has nothing to wait for any more."""
        stream.end()
        stream.begin.cancel()
        if stream in self._joining:
            self._joining.remove(stream)
        streams = self._streams.get(stream.workspace_id, set())
        streams.discard(stream)
        if not streams:
            self._streams.pop(stream.workspace_id, None)
            self._places.pop(stream.workspace_id, None)

    async def close(self) -> None:
        """End all streams, and open none any more."""
        self.hang_up()
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

    def hang_up(self) -> None:
        """End all streams: their readers come back to whoever serves then."""
        self._closed = True
        for stream in [*self._joining, *(one for streams in self._streams.values() for one in streams)]:
            stream.end()

    async def _follow(self) -> None:
        while self._streams or self._joining:
            self._alarm.clear()
            try:
                pause = await self._tick()
            except Exception as error:
                if not is_unavailable(error):
                    for stream in [*self._joining, *(one for streams in self._streams.values() for one in streams)]:
                        stream.end()
                    raise
                log.warning("database away, streams wait", error=type(error).__name__)
                pause = AWAY_SECONDS
            if pause:
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._alarm.wait()

    async def _tick(self) -> float:
        """Read what is new for everybody; returns how long to sleep, in seconds."""
        joining, self._joining = self._joining, []
        late = [stream for stream in joining if stream.workspace_id not in self._places]
        for stream in joining:
            if stream.workspace_id in self._places:
                self._let_in(stream, self._places[stream.workspace_id])
        asked = dict(self._places)
        try:
            async with self._database.reading() as connection:
                rows = await fetch_all(
                    connection,
                    sql_file("relevo.web", "tail"),
                    {
                        "workspaces": list(asked),
                        "xacts": [str(place.xact) for place in asked.values()],
                        "ids": [place.id for place in asked.values()],
                        "limit": BATCH,
                    },
                )
        except BaseException:
            self._joining += late
            raise
        horizon = Place(rows[0]["horizon"] - 1, LAST_ID)
        full = self._hand_out(rows, asked, horizon)
        for stream in late:
            self._let_in(stream, horizon)
        return 0.0 if full else POLL_SECONDS

    def _hand_out(self, rows: Sequence[Row], asked: dict[uuid.UUID, Place], horizon: Place) -> bool:
        """Give each shop's streams its events; returns whether there is more to read at once."""
        found: dict[uuid.UUID, list[LiveEvent]] = {workspace: [] for workspace in asked}
        for row in rows:
            if row["id"] is not None:
                found[row["workspace_id"]].append(live_event(row))
        full = False
        for workspace, events in found.items():
            more = len(events) >= BATCH
            full = full or more
            if workspace in self._places:
                self._places[workspace] = events[-1].place if more else max(horizon, self._places[workspace])
            if events:
                for stream in tuple(self._streams.get(workspace, ())):
                    stream.put(events)
        return full

    def _let_in(self, stream: Stream, place: Place) -> None:
        if stream.begin.cancelled() or stream.ended.is_set():
            return
        self._streams.setdefault(stream.workspace_id, set()).add(stream)
        self._places.setdefault(stream.workspace_id, place)
        stream.begin.set_result(place)


def live_event(row: Row) -> LiveEvent:
    """Write a row of the log as streams send it."""
    place = Place(row["xact"], row["id"])
    shown = {name: row[name] for name in ("id", "type", "conversation_id", "created_at", "data")}
    only_for = row["data"].get("memberId") if row["type"] == READ else None
    return LiveEvent(place, row["type"], only_for, server_sent(place, row["type"], shown))


def server_sent(place: Place, name: str, data: dict[str, object]) -> bytes:
    """Write a server-sent event."""
    return f"id: {place}\nevent: {name}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"
