"""Orders: lines with the prices of this moment, totals, what an order looks like in words. Creates nothing itself."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING

import phonenumbers

from relevo.agents.decision import OrderDraft, OrderLine, OrderView
from relevo.agents.playbook.slots import DateSlot, OfferSlot, PhoneSlot
from relevo.agents.playbook.words import DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from relevo.agents.engine.book import Book

MONTHS: dict[str, tuple[str, ...]] = {
    "es": (
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
        "noviembre", "diciembre",
    ),
    "pt": (
        "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
        "novembro", "dezembro",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ),
}  # fmt: skip


def lines(book: Book, slots: Mapping[str, str], of: Iterable[str]) -> tuple[OrderLine, ...]:
    """Build the lines the filled offer slots stand for, at today's prices."""
    result: list[OrderLine] = []
    for name in of:
        spec, value = book.slot(name), slots.get(name)
        item = book.playbook.item(value) if value and isinstance(spec, OfferSlot) else None
        if item is None or not isinstance(spec, OfferSlot):
            continue
        times = slots.get(spec.times or "", "1")
        quantity = int(times) if times.isdecimal() and int(times) > 0 else 1
        result.append(OrderLine(item.id, book.text(item.name, book.language), quantity, item.price))
    return tuple(result)


def draft(book: Book, flow: str, slots: Mapping[str, str], status: str) -> OrderDraft | None:
    """Build the order a flow's slots make; None while nothing is chosen."""
    names = book.flow_slots[flow]
    ordered = lines(book, slots, names)
    if not ordered:
        return None
    fields = {name: slots[name] for name in names if slots.get(name)}
    total = sum(line.quantity * line.unit_price for line in ordered)
    return OrderDraft(ordered, total, book.currency.code, status, fields)


def digest(order: OrderDraft) -> str:
    """Fingerprint what a customer says yes to: lines, prices and data."""
    text = repr((order.lines, order.total, sorted(order.fields.items())))
    return hashlib.blake2s(text.encode(), digest_size=5).hexdigest()


def differs(order: OrderDraft, existing: OrderView) -> bool:
    """Tell whether applying `order` would change an existing one."""
    return order.lines != existing.lines or any(
        existing.fields.get(name) != value for name, value in order.fields.items()
    )


def shown(book: Book, slot: str, value: str, language: str) -> str:
    """Write a slot's value as people read it."""
    spec = book.slot(slot)
    options = book.options(slot, language)
    if value in options:
        return options[value]
    if isinstance(spec, PhoneSlot):
        return _phone(value, book.playbook.business.country)
    if isinstance(spec, DateSlot):
        return day(value, language)
    return value


def _phone(value: str, country: str) -> str:
    try:
        number = phonenumbers.parse(value, country)
    except phonenumbers.NumberParseException:
        return value
    home = phonenumbers.region_code_for_number(number) == country
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, form.NATIONAL if home else form.INTERNATIONAL)


def day(value: str, language: str) -> str:
    """Write an ISO date in words: `martes 3 de marzo`."""
    try:
        when = date.fromisoformat(value)
    except ValueError:
        return value
    weekday, month = DAYS[language][when.weekday()], MONTHS[language][when.month - 1]
    return f"{weekday}, {month} {when.day}" if language == "en" else f"{weekday} {when.day} de {month}"


def summary(book: Book, order: OrderDraft | OrderView, language: str) -> str:
    """Write an order for its owner: lines, data, total."""
    money = book.currency.format
    rows: list[str] = []
    offers: set[str] = set()
    for line in order.lines:
        item = book.playbook.item(line.item_id)
        name = book.text(item.name, language) if item else line.name
        times = f"{line.quantity} × " if line.quantity > 1 else ""
        rows.append(f"• {times}{name}: {money(line.unit_price * line.quantity)}")
    for name in order.fields:
        spec = book.slot(name)
        if isinstance(spec, OfferSlot):
            offers.add(spec.times or "")
    for name, value in order.fields.items():
        spec = book.slot(name)
        if spec is None or isinstance(spec, OfferSlot) or name in offers:
            continue
        rows.append(f"{book.label(name, language)}: {shown(book, name, value, language)}")
    rows.append(f"*{book.words('total', language)}: {money(order.total)}*")
    return "\n".join(rows)
