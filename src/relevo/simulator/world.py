"""Who and what exists in the simulation, and what happens to it: numbers, customers, messages. No HTTP here."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal

from relevo.errors import InvalidRequestError
from relevo.simulator import wire
from relevo.simulator.graph_errors import OUTSIDE_WINDOW, TOO_MANY_FROM_NUMBER, TOO_MANY_TO_CUSTOMER, GraphError
from relevo.simulator.ids import wamid as new_wamid
from relevo.simulator.media import MediaShelf
from relevo.simulator.numbers import Number, Profile, Receipts, Rules
from relevo.simulator.phone import Customer
from relevo.simulator.records import Inbound, OwnerEcho, Send, StatusSent
from relevo.simulator.throttle import Throttle
from relevo.simulator.wire import Update

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from relevo.simulator.clock import Clock
    from relevo.simulator.courier import Courier
    from relevo.simulator.faults import Faults
    from relevo.simulator.ledger import Ledger
    from relevo.simulator.outgoing import Outgoing

WINDOW_SECONDS = 24 * 3600
AD_WINDOW_SECONDS = 72 * 3600


class World:
    """The state of one simulation; every method returns at once and must be called in the simulator's event loop."""

    def __init__(
        self,
        *,
        clock: Clock,
        ledger: Ledger,
        courier: Courier,
        faults: Faults,
        rules: Rules,
        receipts: Receipts,
        numbers: Sequence[Number],
    ) -> None:
        self.clock, self.ledger, self.courier, self.faults = clock, ledger, courier, faults
        self.rules, self.receipts = rules, receipts
        self.numbers = {number.phone_number_id: number for number in numbers}
        self.media = MediaShelf()
        self.closing = asyncio.Event()
        self.open_sends = 0
        self.last_activity = clock.now()
        self._throttle = Throttle()
        self._count = 0
        self._customers: dict[tuple[str, str], Customer] = {}
        self._updates: dict[str, Update] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    def number(self, phone_number_id: str | None = None) -> Number:
        """Return a number by id, by default the first. Raises `InvalidRequestError` for an unknown one."""
        if phone_number_id is None:
            return next(iter(self.numbers.values()))
        if phone_number_id not in self.numbers:
            raise InvalidRequestError(f"the simulator has no number {phone_number_id}")
        return self.numbers[phone_number_id]

    def customer(self, number: Number, profile: Profile) -> Customer:
        """Return the chat of that person with that number, begun if need be."""
        known = self.find(number, profile.key)
        if known is not None:
            return known
        self._count += 1
        customer = Customer(self, number, profile, self._count)
        self.ledger.named(profile.key, profile.name)
        for identity in {profile.key, profile.wa_id, profile.bsuid} - {None}:
            self._customers[number.phone_number_id, str(identity)] = customer
        return customer

    def find(self, number: Number, identity: str) -> Customer | None:
        """Return the customer with that phone or BSUID (with or without `+`)."""
        return self._customers.get((number.phone_number_id, identity.lstrip("+")))

    def customers(self) -> list[Customer]:
        """Everybody, in the order they came."""
        return list(dict.fromkeys(self._customers.values()))

    def rename(self, customer: Customer, profile: Profile) -> None:
        """Move the customer to another phone or BSUID; the old ones no longer lead to them."""
        old = customer.profile
        number = customer.number.phone_number_id
        for identity in (old.wa_id, old.bsuid):
            if identity is not None and identity != old.key:
                self._customers.pop((number, identity), None)
        customer.profile = profile
        for identity in (profile.wa_id, profile.bsuid):
            if identity is not None:
                self._customers[number, identity] = customer

    def emit_message(
        self,
        customer: Customer,
        item: dict[str, Any],
        wamid: str,
        *,
        text: str,
        expects_reply: bool,
        with_contact: bool,
    ) -> None:
        """Put a customer's message on its way to the service."""
        now = self._touch()
        item |= {**wire.sender(customer.profile), "id": wamid, "timestamp": str(int(now))}
        span = AD_WINDOW_SECONDS if "referral" in item else WINDOW_SECONDS
        if item["type"] != "system":
            customer.window_until = max(customer.window_until, now + span)
        number = customer.number
        self.ledger.add(
            Inbound(
                now,
                number.phone_number_id,
                customer.key,
                wamid,
                item["type"],
                text,
                int(now),
                customer.seq,
                expects_reply,
            )
        )
        who = wire.contact(customer.profile) if with_contact else None
        update = Update(number, "messages", item, f"{customer.index}:{customer.seq}", who, wamid)
        self._updates[wamid] = update
        self.courier.post(update)

    def item(self, wamid: str) -> dict[str, Any]:
        """Return an inbound message as the webhook carries it."""
        return self._updates[wamid].item

    def repeat(self, wamid: str) -> None:
        """Send the webhook of an inbound message once more."""
        self._touch()
        self.courier.post(self._updates[wamid])

    def emit_echo(self, customer: Customer, text: str) -> str:
        """Tell the service what the owner wrote on the business's phone: `smb_message_echoes`."""
        now = self._touch()
        number = customer.number
        wamid = new_wamid(customer.profile.wa_id or customer.key, inbound=False)
        item: dict[str, Any] = {"from": number.display_phone, "id": wamid, "timestamp": str(int(now))}
        item |= {"type": "text", "text": {"body": text}}
        if customer.profile.wa_id is not None:
            item["to"] = customer.profile.wa_id
        if customer.profile.bsuid is not None:
            item["to_user_id"] = customer.profile.bsuid
        self.ledger.add(OwnerEcho(now, number.phone_number_id, customer.key, wamid, text))
        who = wire.contact(customer.profile)
        self.courier.post(Update(number, "message_echoes", item, f"{customer.index}:echo:{now}", who))
        return wamid

    def emit_preference(self, customer: Customer, value: Literal["stop", "resume"]) -> None:
        """Tell the service that the customer switched marketing messages in WhatsApp's settings."""
        now = self._touch()
        item: dict[str, Any] = {
            "detail": f"User requested to {value} marketing messages",
            "category": "marketing_messages",
            "value": value,
            "timestamp": int(now),
        }
        if customer.profile.wa_id is not None:
            item["wa_id"] = customer.profile.wa_id
        if customer.profile.bsuid is not None:
            item["user_id"] = customer.profile.bsuid
        who = wire.contact(customer.profile)
        self.courier.post(Update(customer.number, "user_preferences", item, f"{customer.index}:pref:{now}", who))

    def recipient(self, number: Number, outgoing: Outgoing) -> Customer:
        """Return whom a message is for; a stranger becomes a customer without WhatsApp unless the rules are lenient."""
        customer = self.find(number, outgoing.to)
        if customer is not None:
            return customer
        digits = outgoing.to.lstrip("+")
        phone = digits if digits.isdigit() else None
        stranger = self.customer(number, Profile(digits, phone, None, None if phone else digits))
        stranger.reachable = not self.rules.known_recipients
        return stranger

    def check(self, customer: Customer, outgoing: Outgoing) -> GraphError | None:
        """Return what the platform has against this message: 130429, 131056, 131026, 132001, 131047 or nothing."""
        now, number, rules = self.clock.now(), customer.number, self.rules
        if rules.throughput and not self._throttle.number(number.phone_number_id, number.throughput, now):
            return GraphError(130429, TOO_MANY_FROM_NUMBER)
        if rules.pair_rate and not self._throttle.pair(number.phone_number_id, customer.key, now):
            return GraphError(131056, TOO_MANY_TO_CUSTOMER)
        if not customer.reachable:
            return GraphError(131026, "Message Undeliverable.")
        if outgoing.template is not None and rules.templates is not None and outgoing.template not in rules.templates:
            return GraphError(132001, f"template name ({outgoing.template}) does not exist")
        if rules.window and outgoing.template is None and now > customer.window_until:
            return GraphError(131047, OUTSIDE_WINDOW)
        return None

    def accept(self, customer: Customer, outgoing: Outgoing, send: Send, ordinal: int) -> str:
        """Take a message on: it reaches the customer now, its statuses follow."""
        now = self._touch()
        wamid = new_wamid(customer.profile.wa_id or customer.key, inbound=False)
        self.ledger.accept(send, wamid, now)
        customer.receive(wamid, outgoing, now)
        for name in ("sent", "delivered", "read"):
            seconds: float | None = getattr(self.receipts, name)
            if seconds is not None:
                self.later(seconds, lambda name=name: self._emit_status(customer, wamid, name, send.opaque, ordinal))
        return wamid

    def fail_late(self, customer: Customer, send: Send, error: GraphError, ordinal: int) -> str:
        """Take a message on and tell its failure by status; the customer never sees it."""
        self._touch()
        wamid = new_wamid(customer.profile.wa_id or customer.key, inbound=False)
        send.outcome, send.code, send.wamid = "refused", error.graph_code, wamid
        self.later(
            self.receipts.sent or 0.0,
            lambda: self._emit_status(customer, wamid, "failed", send.opaque, ordinal, error),
        )
        return wamid

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call back unless the simulation ends before."""

        def run() -> None:
            self._timers.discard(handle)
            call()

        handle = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(handle)

    @property
    def busy(self) -> bool:
        """Whether anything is still on its way: statuses due, webhooks unacknowledged, sends unanswered."""
        return bool(self._timers or self.courier.open or self.open_sends)

    def close(self) -> None:
        """Drop what was due later and let go of hanging requests."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self.closing.set()

    def _touch(self) -> float:
        self.last_activity = self.clock.now()
        return self.last_activity

    def _emit_status(
        self,
        customer: Customer,
        wamid: str,
        name: str,
        opaque: str | None,
        ordinal: int,
        error: GraphError | None = None,
    ) -> None:
        now = self._touch()
        item = wire.status(customer.profile, wamid, name, now, opaque)
        if error is not None:
            item["errors"] = [error.in_status()]
        number = customer.number
        self.ledger.add(StatusSent(now, number.phone_number_id, customer.key, wamid, name))
        self.courier.post(Update(number, "statuses", item, f"{customer.index}:{ordinal}:{name}"))
