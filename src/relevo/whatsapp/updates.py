"""The typed updates a webhook delivery is made of. Values only: nothing here reads bytes or keeps anything.

Field names follow the wire (https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks) except
where Relevo's own word is clearer. Everything in `raw` and `content` is JSON that Postgres takes as `jsonb`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

Json: TypeAlias = dict[str, Any]

Kind = Literal[
    "text",
    "choice",
    "image",
    "audio",
    "video",
    "document",
    "sticker",
    "location",
    "contacts",
    "order",
    "reaction",
    "other",
]
StatusName = Literal["sent", "delivered", "read", "played", "failed"]
PreferenceName = Literal["stop", "resume", "signup"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the other side. None of the identities is mandatory; a person may even come without any."""

    phone: str | None = None
    """E.164 with `+`."""
    bsuid: str | None = None
    """Business-scoped user id, `CO.1a2b…`; changes when the person changes number."""
    parent_bsuid: str | None = None
    """The form shared by linked portfolios, `CO.ENT.1a2b…`."""
    username: str | None = None
    name: str | None = None
    """As in their WhatsApp profile."""
    other_id: str | None = None
    """What was sent as an id and is neither a phone nor a BSUID."""

    @property
    def known(self) -> bool:
        """Whether there is anything to tell this person by."""
        return bool(self.phone or self.bsuid or self.parent_bsuid or self.username or self.other_id)


NOBODY = Person()


@dataclass(frozen=True, slots=True)
class ReportedError:
    """An error as WhatsApp reports it, in webhooks and in answers."""

    code: int | None
    title: str | None = None
    message: str | None = None
    details: str | None = None
    """`error_data.details`: the most telling part."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a message refers to."""

    reply_to: str | None = None
    """wamid of the quoted message."""
    forwarded: bool = False
    frequently_forwarded: bool = False
    referred_product: Json | None = None


NO_CONTEXT = Context()


@dataclass(frozen=True, slots=True)
class Media:
    """Media of a message. `id` may be missing; a media id lives 7 days, its URL 5 minutes."""

    id: str | None
    mime_type: str | None = None
    sha256: str | None = None
    caption: str | None = None
    filename: str | None = None
    voice: bool = False
    animated: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateBase:
    """What every update carries."""

    phone_number_id: str | None
    """The shop's number the update is about; None in flat forms and account-wide events."""
    raw: Json
    """The piece of the delivery it came from."""
    position: int
    """Its place in the delivery, from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken(UpdateBase):
    """What inbound messages and the owner's own have in common."""

    wamid: str
    type: str
    """As sent; empty when absent."""
    kind: Kind
    text: str
    """What a person would read: body, title of the choice, caption, emoji, address…; may be empty."""
    content: Json
    """The message without its envelope."""
    provider_at: datetime | None
    """Aware UTC, whole seconds; None when absent or absurd."""
    media: Media | None = None
    context: Context = NO_CONTEXT
    errors: tuple[ReportedError, ...] = ()
    edit_of: str | None = None
    """wamid of the message this one rewrites; kind, text and media are the new ones."""
    revoke_of: str | None = None
    """wamid of the message this one takes back."""
    reaction_to: str | None = None
    """wamid of the message reacted to; an empty `text` takes the reaction away."""
    group_id: str | None = None
    """Set when it was said in a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage(Spoken):
    """A customer said something."""

    sender: Person
    choice_id: str | None = None
    """Id or payload of the tapped button or list row."""
    referral: Json | None = None
    """The ad or post the conversation came from."""
    from_ad: bool = False
    """Whether `referral` is a click-to-WhatsApp ad, which opens the 72-hour window once answered."""
    opens_window: bool = True
    """Whether this opens the 24-hour service window: not for edits, revocations and reactions."""
    standby: bool = False
    """Meta's own agent holds the chat: store, do not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo(Spoken):
    """The owner wrote this on the phone of a coexistence number: a human reply."""

    recipient: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusUpdate(UpdateBase):
    """What became of a message we sent. Statuses come late, doubled and in any order."""

    wamid: str
    status: StatusName
    at: datetime | None
    recipient: Person
    opaque: str | None = None
    """`biz_opaque_callback_data` as we sent it."""
    errors: tuple[ReportedError, ...] = ()
    pricing: Json | None = None
    conversation: Json | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityChange(UpdateBase):
    """A customer got a new phone number, a new BSUID or new encryption keys."""

    change: str
    """As sent: user_changed_number, user_changed_user_id, customer_identity_changed, user_id_update…"""
    previous: Person
    current: Person
    wamid: str | None = None
    at: datetime | None = None
    text: str = ""
    keys_only: bool = False
    """True when phone and BSUID stay as they were (encryption keys renewed)."""


@dataclass(frozen=True, slots=True)
class HistoryMessage:
    """One message of a past chat; never to be answered."""

    wamid: str
    person: Person
    """The customer of the chat."""
    from_business: bool
    type: str
    kind: Kind
    text: str
    content: Json
    provider_at: datetime | None
    status: str | None = None
    media: Media | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryChunk(UpdateBase):
    """A chunk of the past chats of a coexistence number."""

    phase: int | None = None
    chunk_order: int | None = None
    progress: int | None = None
    """Percent; 100 when the whole history has come."""
    messages: tuple[HistoryMessage, ...] = ()
    errors: tuple[ReportedError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPreference(UpdateBase):
    """A customer's wish about marketing messages."""

    person: Person
    preference: PreferenceName
    category: str | None = None
    detail: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEvent(UpdateBase):
    """Anything about the account, its templates, numbers, calls and groups."""

    field: str
    value: Json
    event: str | None = None
    """`value.event`, where the field has one."""
    account_id: str | None = None
    """`entry.id`: the WhatsApp business account."""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderError(UpdateBase):
    """`value.errors`: something went wrong at WhatsApp's that belongs to no message."""

    error: ReportedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(UpdateBase):
    """Something Relevo does not understand; kept, shown as unsupported, never in the way of the rest."""

    reason: str
    field: str | None = None
    wamid: str | None = None


Update = (
    InboundMessage
    | StatusUpdate
    | Echo
    | IdentityChange
    | HistoryChunk
    | UserPreference
    | AccountEvent
    | ProviderError
    | Unknown
)


@dataclass(frozen=True, slots=True)
class ParsedDelivery:
    """All updates of one delivery, in the order they stand in it."""

    updates: tuple[Update, ...] = field(default_factory=tuple)
    problem: str | None = None
    """Why the body as a whole could not be read; `updates` then holds one `Unknown`."""
