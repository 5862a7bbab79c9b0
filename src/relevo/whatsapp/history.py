"""Reads past chats of a coexistence number. What is here is never answered.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/history/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.whatsapp.content import errors_of, said, type_of
from relevo.whatsapp.lenient import as_list, as_object, identifier, integer, moment, phone, string
from relevo.whatsapp.people import addressee_of, person, sender_of
from relevo.whatsapp.updates import HistoryChunk, HistoryMessage, Person

if TYPE_CHECKING:
    from relevo.whatsapp.updates import Json


def chunk(item: Json, *, shop_phone: str | None, phone_number_id: str | None, position: int) -> HistoryChunk:
    """Read an element of `value.history`: threads of messages, or the error that says the owner declined to share."""
    metadata = as_object(item.get("metadata"))
    messages: list[HistoryMessage] = []
    for thread in as_list(item.get("threads")):
        chat = as_object(thread)
        context = as_object(chat.get("context"))
        customer = person(chat.get("id") or context.get("wa_id"), context.get("user_id"), context.get("parent_user_id"))
        for message in as_list(chat.get("messages")):
            read = _message(as_object(message), customer, shop_phone)
            if read is not None:
                messages.append(read)
    return HistoryChunk(
        phone_number_id=phone_number_id,
        raw=item,
        position=position,
        phase=integer(metadata.get("phase")),
        chunk_order=integer(metadata.get("chunk_order")),
        progress=integer(metadata.get("progress")),
        messages=tuple(messages),
        errors=errors_of(item),
    )


def media_chunk(message: Json, *, shop_phone: str | None, phone_number_id: str | None, position: int) -> HistoryChunk:
    """Read a message standing alone in a `history` value: the media ids of past messages are sent this way."""
    read = _message(message, None, shop_phone)
    return HistoryChunk(
        phone_number_id=phone_number_id,
        raw=message,
        position=position,
        messages=() if read is None else (read,),
    )


def _message(message: Json, customer: Person | None, shop_phone: str | None) -> HistoryMessage | None:
    wamid = identifier(message.get("id"))
    if wamid is None:
        return None
    context = as_object(message.get("history_context"))
    sender = sender_of(message)
    from_business = (
        context.get("from_me") is True
        or message.get("to") is not None
        or (shop_phone is not None and sender.phone == shop_phone)
    )
    if customer is None or not customer.known:
        customer = addressee_of(message) if from_business else sender
    kind_of_message = type_of(message)
    what = said(message, kind_of_message)
    return HistoryMessage(
        wamid,
        customer,
        from_business,
        kind_of_message,
        what.kind,
        what.text,
        what.content,
        moment(message.get("timestamp")),
        string(context.get("status")),
        what.media,
    )


def shop_phone_of(value: Json) -> str | None:
    """Return the shop's own number, by which its messages are told from the customer's."""
    return phone(as_object(value.get("metadata")).get("display_phone_number"))
