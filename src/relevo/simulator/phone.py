"""A simulated customer's phone: what they write, tap and send, and what has reached them. Judges nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from relevo.errors import RelevoError
from relevo.simulator.ids import bsuid as new_bsuid
from relevo.simulator.ids import wamid as new_wamid
from relevo.simulator.numbers import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relevo.simulator.numbers import Number
    from relevo.simulator.outgoing import Choice, Json, Outgoing
    from relevo.simulator.world import World

MediaKind = Literal["image", "audio", "video", "document", "sticker"]
_MIME: dict[MediaKind, str] = {
    "image": "image/jpeg",
    "audio": "audio/ogg; codecs=opus",
    "video": "video/mp4",
    "document": "application/pdf",
    "sticker": "image/webp",
}


class NoReplyError(RelevoError):
    """A simulated customer waited for a reply that did not come in time."""

    code = "no_reply"


class NothingToTapError(RelevoError):
    """A simulated customer was to tap something the last messages do not offer."""

    code = "nothing_to_tap"


@dataclass(frozen=True, slots=True)
class Received:
    """A message of the business that reached the customer."""

    wamid: str
    at: float
    kind: str
    text: str
    choices: tuple[Choice, ...]
    body: Json
    opaque: str | None


@dataclass(eq=False)
class Customer:
    """One person in a chat with one number."""

    world: World
    number: Number
    profile: Profile
    index: int
    """Which customer of the simulation this is (1, 2, …): faults go by it, not by phone numbers."""
    received: list[Received] = field(default_factory=list[Received])
    seq: int = 0
    window_until: float = 0.0
    """Until when free-form messages may be sent to them (Unix seconds)."""
    reachable: bool = True
    """False: their number is not on WhatsApp; what is sent there fails with 131026."""
    _seen: int = 0
    """How many messages had reached them when they last wrote."""
    _last_wamid: str | None = None
    _ordinals: dict[str, int] = field(default_factory=dict[str, int])
    _tries: dict[str, int] = field(default_factory=dict[str, int])
    _arrival: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def key(self) -> str:
        """How the ledger names them."""
        return self.profile.key

    async def say(
        self,
        text: str,
        *,
        reply_to: str | None = None,
        referral: Mapping[str, Any] | None = None,
        expects_reply: bool = True,
    ) -> str:
        """Write a text; returns its wamid. `reply_to` quotes a message by wamid; `referral` is the ad it came from."""
        item: dict[str, Any] = {"type": "text", "text": {"body": text}}
        if reply_to is not None:
            item["context"] = {"from": self.number.display_phone, "id": reply_to}
        if referral is not None:
            item["referral"] = dict(referral)
        return self.send_item(item, text, expects_reply=expects_reply)

    async def tap(self, choice: str) -> str:
        """Tap a button or list row by id or title, on the latest message that has it. Raises `NothingToTapError`."""
        message, chosen = self._offered(choice)
        reply = {"id": chosen.id, "title": chosen.title}
        kind = message.body.get("interactive", {}).get("type")
        if kind == "list":
            if chosen.description is not None:
                reply["description"] = chosen.description
            part: dict[str, Any] = {"type": "list_reply", "list_reply": reply}
        else:
            part = {"type": "button_reply", "button_reply": reply}
        context = {"from": self.number.display_phone, "id": message.wamid}
        return self.send_item({"type": "interactive", "interactive": part, "context": context}, chosen.title)

    async def choose(self, row: str) -> str:
        """Choose a list row; the same as `tap`."""
        return await self.tap(row)

    async def send_media(
        self,
        kind: MediaKind,
        content: bytes = b"simulated",
        *,
        caption: str | None = None,
        filename: str | None = None,
        mime_type: str | None = None,
        expects_reply: bool = True,
    ) -> str:
        """Send a file; the service can fetch it from the media endpoints. Audio is a voice note."""
        file = self.world.media.add(mime_type or _MIME[kind], content)
        part: dict[str, Any] = {"mime_type": file.mime_type, "sha256": file.sha256_base64, "id": file.id}
        if caption is not None:
            part["caption"] = caption
        if kind == "document":
            part["filename"] = filename or "documento.pdf"
        if kind == "audio":
            part["voice"] = True
        if kind == "sticker":
            part["animated"] = False
        return self.send_item({"type": kind, kind: part}, caption or "", expects_reply=expects_reply)

    async def send_image(self, content: bytes = b"simulated", *, caption: str | None = None) -> str:
        """Send a picture."""
        return await self.send_media("image", content, caption=caption)

    async def send_location(self, latitude: float, longitude: float, name: str | None = None) -> str:
        """Send a place."""
        part: dict[str, Any] = {"latitude": latitude, "longitude": longitude}
        if name is not None:
            part["name"] = name
        return self.send_item({"type": "location", "location": part}, name or "")

    async def react(self, emoji: str, to: str | None = None) -> str:
        """React to a received message (the latest by default); an empty emoji takes the reaction back."""
        target = to or (self.received[-1].wamid if self.received else "wamid.unknown")
        part = {"message_id": target, "emoji": emoji} if emoji else {"message_id": target}
        return self.send_item({"type": "reaction", "reaction": part}, emoji, expects_reply=False)

    async def identity_changed(self) -> str:
        """Their device keys changed: a system message."""
        now = str(int(self.world.clock.now()))
        item = {
            "type": "system",
            "system": {"body": f"User {self.profile.name} identity changed", "type": "customer_identity_changed"},
            "identity": {"acknowledged": True, "created_timestamp": now, "hash": "c2ltdWxhdGVk"},
        }
        return self.send_item(item, "", expects_reply=False, with_contact=False)

    async def change_number(self, wa_id: str) -> str:
        """Take a new phone number, and a new BSUID where they had one: a system message, then the new identity."""
        old = self.profile
        fresh = None if old.bsuid is None else new_bsuid(old.bsuid.partition(".")[0])
        system: dict[str, Any] = {
            "body": f"User {old.name} changed from {old.wa_id} to {wa_id}",
            "wa_id": wa_id,
            "type": "user_changed_number",
        }
        if fresh is not None:
            system |= {"user_id": fresh, "previous_user_id": old.bsuid}
        wamid = self.send_item({"type": "system", "system": system}, "", expects_reply=False, with_contact=False)
        self.world.rename(self, Profile(old.key, wa_id, old.name, fresh, old.username))
        return wamid

    async def preference(self, value: Literal["stop", "resume"]) -> None:
        """Switch marketing messages off or on in WhatsApp's own settings (`user_preferences`)."""
        self.world.emit_preference(self, value)

    async def hear_from_owner(self, text: str) -> str:
        """Let the owner write to them from the business's phone (coexistence): an echo goes to the service."""
        return self.world.emit_echo(self, text)

    async def replies(self, *, timeout: float = 10.0, quiet: float = 0.0) -> list[Received]:  # noqa: ASYNC109 - the usual case
        """Wait for the messages that reach them after they last wrote, at least one.

        Further ones are waited for until `quiet` seconds pass without. Raises `NoReplyError` after `timeout` seconds
        without any.
        """
        try:
            async with asyncio.timeout(timeout):
                while len(self.received) <= self._seen:
                    await self._next()
        except TimeoutError:
            raise NoReplyError(f"{self.key} got no reply within {timeout:g} s") from None
        while quiet > 0:
            try:
                async with asyncio.timeout(quiet):
                    await self._next()
            except TimeoutError:
                break
        return self.received[self._seen :]

    def send_item(
        self, item: Mapping[str, Any], text: str, *, expects_reply: bool = True, with_contact: bool = True
    ) -> str:
        """Send any `messages[]` item, completed with sender, id and time; returns its wamid."""
        self.seq += 1
        self.reachable = True
        self._seen = len(self.received)
        self._last_wamid = new_wamid(self.profile.wa_id or self.key, inbound=True)
        self.world.emit_message(
            self, dict(item), self._last_wamid, text=text, expects_reply=expects_reply, with_contact=with_contact
        )
        return self._last_wamid

    def resend(self) -> None:
        """Let the platform repeat the webhook of their last message, as it does now and then."""
        if self._last_wamid is not None:
            self.world.repeat(self._last_wamid)

    def receive(self, wamid: str, outgoing: Outgoing, at: float) -> None:
        """Take in a message of the business."""
        self.received.append(
            Received(wamid, at, outgoing.kind, outgoing.text, outgoing.choices, outgoing.body, outgoing.opaque)
        )
        self._arrival.set()
        self._arrival = asyncio.Event()

    def attempt_of(self, outgoing: Outgoing) -> tuple[int, int]:
        """Return which message to them this is (1, 2, …, by opaque id or body), and which try of it."""
        name = outgoing.opaque or f"{outgoing.kind}|{outgoing.text}"
        ordinal = self._ordinals.setdefault(name, len(self._ordinals) + 1)
        self._tries[name] = self._tries.get(name, 0) + 1
        return ordinal, self._tries[name]

    async def _next(self) -> None:
        await self._arrival.wait()

    def _offered(self, wanted: str) -> tuple[Received, Choice]:
        for message in reversed(self.received):
            for choice in message.choices:
                if wanted in {choice.id, choice.title}:
                    return message, choice
        raise NothingToTapError(f"no message offers {wanted!r} to {self.key}")
