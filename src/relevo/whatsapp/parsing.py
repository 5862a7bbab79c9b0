"""Takes a webhook body apart into updates: every entry, every change, every message and status. It never raises.

Reads Meta's envelope (`entry[].changes[]`), a single change, 360dialog's partner form (`event`, `data`) and its legacy
flat form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.whatsapp import history, messages, statuses
from relevo.whatsapp.content import error_of
from relevo.whatsapp.json_body import load, preview
from relevo.whatsapp.lenient import as_list, as_object, as_piece, identifier, moment, object_or_none, string
from relevo.whatsapp.people import contacts_of
from relevo.whatsapp.updates import AccountEvent, ParsedDelivery, ProviderError, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from relevo.whatsapp.updates import Json, Update

_ECHO_FIELDS = frozenset({"smb_message_echoes", "message_echoes"})
_ACCOUNT_FIELDS = frozenset(
    {
        "account_alerts",
        "account_review_update",
        "account_settings_update",
        "account_update",
        "automatic_events",
        "business_capability_update",
        "business_status_update",
        "calls",
        "flows",
        "message_template_components_update",
        "message_template_quality_update",
        "message_template_status_update",
        "messaging_handovers",
        "partner_solutions",
        "payment_configuration_update",
        "phone_number_name_update",
        "phone_number_quality_update",
        "security",
        "smb_app_state_sync",
        "template_category_update",
        "template_correct_category_detection",
        "template_performance_metrics",
        "tracking_events",
    }
)
_FLAT_KEYS = ("messages", "statuses", "message_echoes", "history", "user_preferences", "user_id_update", "errors")


def parse(body: bytes) -> ParsedDelivery:
    """Return all updates of a delivery. Each element of a list the platform fans out gives exactly one update."""
    loaded, problem = load(body)
    if problem is not None:
        raw: Json = {"preview": preview(body), "bytes": len(body)}
        return _unreadable(raw, problem)
    delivery = object_or_none(loaded)
    if delivery is None:
        return _unreadable({"value": loaded}, "not a JSON object")
    reading = _Reading()
    reading.delivery(delivery)
    if not reading.updates:
        return _unreadable(delivery, "no updates in it")
    return ParsedDelivery(tuple(reading.updates))


def _unreadable(raw: Json, problem: str) -> ParsedDelivery:
    unknown = Unknown(phone_number_id=None, raw=raw, position=0, reason=problem)
    return ParsedDelivery((unknown,), problem)


class _Reading:
    """One pass over one delivery."""

    def __init__(self) -> None:
        self.updates: list[Update] = []
        self._number: str | None = None
        self._field: str | None = None

    def delivery(self, delivery: Json) -> None:
        if "entry" in delivery:
            for entry in as_list(delivery["entry"]):
                self._entry(entry)
        elif "field" in delivery and isinstance(delivery.get("value"), dict):
            self._change(delivery, None, None)
        elif "event" in delivery and isinstance(delivery.get("data"), dict):
            data = as_object(delivery["data"])
            change: Json = {"field": delivery["event"], "value": data}
            self._change(change, identifier(data.get("id")), None)
        elif any(key in delivery for key in _FLAT_KEYS):
            self._change({"value": delivery}, None, None)

    def _entry(self, item: object) -> None:
        entry = as_object(item)
        changes = as_list(entry.get("changes"))
        if not changes:
            self._number = self._field = None
            self._unknown(item, "entry without changes")
            return
        account = identifier(entry.get("id"))
        at = moment(entry.get("time"))
        for change in changes:
            self._change(change, account, at)

    def _change(self, item: object, account: str | None, at: datetime | None) -> None:
        change = as_object(item)
        self._field = field = string(change.get("field"))
        self._number = None
        value = object_or_none(change.get("value"))
        if value is None:
            self._unknown(item, "change without value")
            return
        self._number = identifier(as_object(value.get("metadata")).get("phone_number_id"))
        if field is not None and (field in _ACCOUNT_FIELDS or field.startswith("group_")):
            self._account(field, value, account, at)
            return
        before = len(self.updates)
        self._fan_out(value, field)
        if len(self.updates) == before:
            self._unknown(change, "unknown field" if field else "value with nothing known in it")

    def _account(self, field: str, value: Json, account: str | None, at: datetime | None) -> None:
        self.updates.append(
            AccountEvent(
                phone_number_id=self._number,
                raw=value,
                position=len(self.updates),
                field=field,
                value=value,
                event=string(value.get("event")),
                account_id=account,
                at=at,
            )
        )

    def _fan_out(self, value: Json, field: str | None) -> None:
        people = contacts_of(value)
        spoken = as_list(value.get("messages"))
        reported = as_list(value.get("statuses"))
        echoed = as_list(value.get("message_echoes"))
        wishes = as_list(value.get("user_preferences"))
        alone = len(spoken) + len(reported) + len(echoed) + len(wishes) == 1
        number = self._number
        if field in _ECHO_FIELDS:
            # Were they under the usual name: still the owner's words, never a customer's.
            echoed, spoken = echoed + spoken, []
        if field == "history" or "history" in value:
            self._history(value, spoken if field == "history" else [])
            spoken = [] if field == "history" else spoken
        standby = field == "standby"
        for item in spoken:
            self._add(
                item,
                lambda piece, position: messages.inbound(
                    piece, people, alone=alone, phone_number_id=number, position=position, standby=standby
                ),
            )
        for item in echoed:
            self._add(
                item,
                lambda piece, position: messages.echo(
                    piece, people, alone=alone, phone_number_id=number, position=position
                ),
            )
        for item in reported:
            self._add(
                item,
                lambda piece, position: statuses.status(
                    piece, people, alone=alone, phone_number_id=number, position=position
                ),
            )
        for item in wishes:
            self._add(
                item,
                lambda piece, position: statuses.preference(
                    piece, people, alone=alone, phone_number_id=number, position=position
                ),
            )
        for item in as_list(value.get("user_id_update")):
            self._add(item, lambda piece, position: messages.user_id_update(piece, number, position))
        for item in as_list(value.get("errors")):
            self._add(
                item,
                lambda piece, position: ProviderError(
                    phone_number_id=number, raw=piece, position=position, error=error_of(piece)
                ),
            )

    def _history(self, value: Json, loose: list[object]) -> None:
        number = self._number
        shop_phone = history.shop_phone_of(value)
        for item in as_list(value.get("history")):
            self._add(
                item,
                lambda piece, position: history.chunk(
                    piece, shop_phone=shop_phone, phone_number_id=number, position=position
                ),
            )
        for item in loose:
            self._add(
                item,
                lambda piece, position: history.media_chunk(
                    piece, shop_phone=shop_phone, phone_number_id=number, position=position
                ),
            )

    def _add(self, item: object, read: Callable[[Json, int], Update]) -> None:
        piece = object_or_none(item)
        if piece is None:
            self._unknown(item, "not an object")
            return
        try:
            self.updates.append(read(piece, len(self.updates)))
        except Exception as defect:  # noqa: BLE001 - one update Relevo misreads must not cost the others of the delivery
            self._unknown(item, f"defect: {type(defect).__name__}")

    def _unknown(self, item: object, reason: str) -> None:
        self.updates.append(
            Unknown(
                phone_number_id=self._number,
                raw=as_piece(item),
                position=len(self.updates),
                reason=reason,
                field=self._field,
            )
        )
