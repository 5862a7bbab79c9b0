"""Values for slots: taken, corrected, cleared. Whatever arrives is checked against the playbook before it counts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from relevo.agents.commands import SetSlot
from relevo.agents.engine import flow, orders
from relevo.agents.engine.book import folded
from relevo.agents.playbook.money import AMOUNT, PERCENT, digits
from relevo.agents.playbook.slots import AddressSlot, ChoiceSlot, FreeSlot, OfferSlot, PersonSlot, PhoneSlot
from relevo.agents.understanding import Match, SlotContext, parse_slot

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from relevo.agents.commands import ClearSlot, Command
    from relevo.agents.engine.work import Work

_NEIGHBOURHOOD = re.compile(r"\b(?:barrio|bairro)\s+([^,;]{3,60})", re.IGNORECASE)
_THE_ONE = re.compile(r"^(?:quiero |dame |me llevo )?(?:el|la|ese|esa|o|a) (?:de|do|da|que vale)\b")
SECOND_NAMES = frozenset(
    {
        "maria", "jose", "luis", "carlos", "andres", "david", "alejandro", "alejandra", "camilo", "camila",
        "fernanda", "isabel", "lucia", "paola", "sofia", "carolina", "juan", "pablo", "antonio", "miguel",
        "angel", "daniel", "daniela", "felipe", "eduardo", "alberto", "elena", "teresa", "cristina",
        "victoria", "marcela", "milena", "patricia", "esteban", "sebastian", "mauricio", "enrique", "manuel",
        "rosa", "ines", "beatriz", "lorena", "viviana", "natalia", "valentina",
    }
)  # fmt: skip
"""A given name after a given name is the second of two, not a family name."""
MAX_VALUE = 240
ENOUGH = 2
"""Values given unasked that show the wish to order."""


def acceptable(work: Work, name: str, value: str) -> str | None:
    """Say why a value cannot be a slot's; None when it can. Values are customer text: data, never a promise."""
    spec = work.book.slot(name)
    if spec is None:
        return "unknown slot"
    if not value.strip() or len(value) > MAX_VALUE:
        return "empty or too long"
    if isinstance(spec, (OfferSlot, ChoiceSlot)):
        return None if value in work.book.options(name, work.language) else "not among the options"
    if spec.type in {"phone", "number", "date"}:
        return None
    if PERCENT.search(value) or (not isinstance(spec, AddressSlot) and AMOUNT.search(value)):
        return "an amount is not a value here"
    return "braces" if "{" in value or "}" in value else None


def take(work: Work, command: SetSlot) -> None:
    """Take a value; a different one than before counts as a correction."""
    name, value = command.slot, " ".join(command.value.split())
    reason = acceptable(work, name, value)
    if reason is not None:
        work.rule(f"{name} not taken: {reason}")
        if work.asking == name:
            work.invalid.setdefault(name, reason)
        return
    before = work.state.slots.get(name)
    if before == value:
        return
    if before is not None and value.casefold() in before.casefold() and not command.correction:
        return
    work.state.slots[name] = value
    work.state.retries.pop(name, None)
    work.filled.append(name)
    if before is not None and not _only_assumed(work, name, before):
        work.changed[name] = value
        work.rule(f"{name} corrected")
    else:
        work.rule(f"{name} taken")


def _only_assumed(work: Work, name: str, value: str) -> bool:
    """Tell whether the customer never gave this value: it is the number they write from, taken for lack of another."""
    spec = work.book.slot(name)
    assumed = isinstance(spec, PhoneSlot) and spec.default == "wa_phone" and value == work.turn.contact.phone
    return assumed and work.session_order is None


def whole_names(work: Work, commands: Sequence[Command]) -> list[Command]:
    """Take both names of "soy Ana Ruiz" where a shop keeps them apart, and "Ana María" for two given names."""
    named: dict[str, SetSlot] = {}
    for command in commands:
        if isinstance(command, SetSlot) and isinstance(spec := work.book.slot(command.slot), PersonSlot):
            named[spec.part] = command
    first = named.get("first")
    if first is None:
        return list(commands)
    last = named.get("last") or _family_name(work, first)
    rest = [c for c in commands if c is not first and c is not last]
    given = work.state.slots.get(first.slot)
    if last is not None and work.asking == last.slot and given and folded(first.value) in SECOND_NAMES:
        # "Luisa", then "Fernanda López" to the question for the surname: the second of two given names.
        if folded(first.value) not in folded(given).split():
            work.state.slots[first.slot] = f"{given} {first.value}"
        return [last, *rest]
    if last is not None and folded(last.value) in SECOND_NAMES and last.text == first.text:
        return [replace(first, value=f"{first.value} {last.value}"), *rest]
    return [first, *([last] if last is not None else []), *rest]


def _family_name(work: Work, first: SetSlot) -> SetSlot | None:
    business, today = work.book.playbook.business, work.turn.now.astimezone(work.book.zone).date()
    for name, spec in work.book.playbook.slots.items():
        if isinstance(spec, PersonSlot) and spec.part == "last" and not work.state.slots.get(name):
            found = parse_slot(spec, first.text, SlotContext(today, business.country, work.language))
            if isinstance(found, Match) and found.value.casefold() != first.value.casefold():
                return SetSlot(name, found.value, first.text)
    return None


def by_price(work: Work, text: str) -> SetSlot | None:
    """Take "el de 149.900" for the item of that price, where one alone has it."""
    slot = next((n for n, s in work.book.playbook.slots.items() if isinstance(s, OfferSlot)), None)
    amounts = {digits(m.group()) for m in AMOUNT.finditer(text)}
    if slot is None or len(amounts) != 1 or not (work.asking == slot or _THE_ONE.match(folded(text))):
        return None
    money = work.book.currency.format
    items = [i for i in work.book.playbook.catalog if digits(money(i.price)) in amounts]
    return SetSlot(slot, items[0].id, text) if len(items) == 1 else None


def complete_address(work: Work, command: SetSlot) -> None:
    """Take the neighbourhood out of an address where a shop asks for it on its own."""
    found = _NEIGHBOURHOOD.search(command.value)
    if found is None or not isinstance(work.book.slot(command.slot), AddressSlot):
        return
    for name in ("barrio", "bairro", "neighbourhood"):
        if isinstance(work.book.slot(name), FreeSlot) and not work.state.slots.get(name):
            take(work, SetSlot(name, found.group(1)))


def clear(work: Work, command: ClearSlot) -> None:
    """Forget a value the customer says is wrong, so that it is asked for again."""
    if work.state.slots.pop(command.slot, None) is not None:
        work.rule(f"{command.slot} is wrong, asked again")
        work.changed.setdefault(command.slot, "")
        ensure_flow(work, (command.slot,), at_once=True)


def ensure_flow(work: Work, names: Iterable[str], *, at_once: bool = False) -> None:
    """Begin the order when data for it comes unasked, or when a made order is being changed."""
    filled = list(names)
    if not filled or (work.state.flow and not work.book.is_welcome(work.state.flow)):
        return
    name = next((f for f in map(work.book.flow_of_slot, filled) if f is not None), None)
    if name is None:
        return
    offers = [n for n in filled if isinstance(work.book.slot(n), OfferSlot)]
    existing = work.changeable_order
    if existing is not None:
        current = {**existing.fields, **{n: work.state.slots[n] for n in filled if n in work.state.slots}}
        kept = {n: v for n, v in current.items() if n not in work.changed or work.changed[n]}
        work.state.slots.update(kept)
        work.state.flow, work.state.flow_started = name, work.turn.now.isoformat()
        work.rule(f"order {existing.id} is being changed")
        return
    if at_once or offers or len(filled) >= ENOUGH or work.asking in filled:
        flow.start(work, name)


def revert(work: Work) -> None:
    """Put the values of the order as it stands back in place of an unconfirmed change."""
    order = work.session_order
    if order is not None:
        work.state.slots.update(order.fields)


def described(work: Work) -> str:
    """Name the corrections of this turn with their new values."""
    parts: list[str] = []
    for name, value in work.changed.items():
        if value:
            label = work.book.label(name, work.language).lower()
            parts.append(f"{label}: {orders.shown(work.book, name, value, work.language)}")
    return ", ".join(parts)


def wanted(commands: Iterable[Command], kind: type) -> bool:
    """Tell whether a kind of command is among them."""
    return any(isinstance(command, kind) for command in commands)
