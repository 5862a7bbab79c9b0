"""What placeholders stand for: facts, prices, slots and the order, nothing else. Knows no literal number of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.agents.engine import hours, orders
from relevo.agents.playbook.templates import fill

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from relevo.agents.engine.work import Work


def render(work: Work, text: str, extra: Mapping[str, str] | None = None) -> str:
    """Fill a text's placeholders; `extra` are those only its caller knows."""

    def value(name: str) -> str:
        return extra[name] if extra and name in extra else _value(work, name)

    once = fill(text, value)
    return "\n".join(line.rstrip() for line in once.strip().splitlines())


def _value(work: Work, name: str) -> str:
    head, _, rest = name.partition(".")
    function, _, argument = name.partition(":")
    if argument:
        return _of_item(work, function, argument)
    parts: dict[str, Callable[[], str]] = {
        "facts": lambda: render(work, work.book.text(work.book.playbook.facts[rest], work.language)),
        "amounts": lambda: work.book.currency.format(work.book.playbook.amounts[rest]),
        "settings": lambda: work.book.settings.get(rest, ""),
        "slots": lambda: _of_slot(work, rest),
        "order": lambda: _of_order(work, rest),
        "catalog": lambda: catalog(work),
        "missing": lambda: missing(work),
        "contact": lambda: (work.turn.contact.name or "").split(" ")[0],
        "business": lambda: _of_business(work, rest),
        "hours": lambda: _of_hours(work, rest),
    }
    return parts[head]() if head in parts else ""


def _of_business(work: Work, part: str) -> str:
    return work.book.playbook.business.name if part == "name" else persona(work)


def persona(work: Work) -> str:
    """Return how the assistant describes itself; a persona that names itself does not go round."""
    text = work.book.text(work.book.playbook.business.persona, work.language)
    return fill(text, lambda name: "" if name == "business.persona" else _value(work, name))


def _of_hours(work: Work, part: str) -> str:
    if part == "next_person":
        return hours.next_person(work.book, work.turn.now, work.language)
    return hours.described(work.book, work.language)


def catalog(work: Work) -> str:
    """List what is for sale, a line each."""
    rows: list[str] = []
    for item in work.book.playbook.catalog:
        tag = f" ({work.book.text(item.tag, work.language)})" if item.tag else ""
        price = work.book.currency.format(item.price)
        rows.append(f"• {work.book.text(item.name, work.language)}: {price}{tag}")
    return "\n".join(rows)


def _of_item(work: Work, function: str, item_id: str) -> str:
    item = work.book.playbook.item(item_id)
    if item is None:
        return ""
    match function:
        case "name":
            return work.book.text(item.name, work.language)
        case "unit_price":
            return work.book.currency.format(item.price // item.qty)
        case "saving":
            single = min((i.price for i in work.book.playbook.catalog if i.qty == 1), default=item.price)
            return work.book.currency.format(max(single * item.qty - item.price, 0))
        case _:
            return work.book.currency.format(item.price)


def _of_slot(work: Work, path: str) -> str:
    name, _, part = path.partition(".")
    spec = work.book.slot(name)
    if spec is None:
        return ""
    if part == "ask":
        return render(work, work.book.text(spec.ask, work.language))
    if part == "label":
        return work.book.label(name, work.language)
    return orders.shown(work.book, name, work.state.slots.get(name, ""), work.language)


def _of_order(work: Work, part: str) -> str:
    order = work.order_in_words
    if order is None:
        return ""
    number, content = order
    match part:
        case "id":
            return number
        case "total":
            return work.book.currency.format(content.total)
        case "summary":
            return orders.summary(work.book, content, work.language)
        case _:
            return str(getattr(content, part, ""))


def missing(work: Work) -> str:
    """Name what the flow under way still lacks: `nombre, ciudad y dirección`."""
    flow = work.state.flow
    names = work.book.flow_slots[flow] if flow else ()
    labels = [
        work.book.label(name, work.language).lower()
        for name in names
        if not work.state.slots.get(name) and not _optional(work, name)
    ]
    conjunction = {"es": "y", "pt": "e", "en": "and"}[work.language]
    return f"{', '.join(labels[:-1])} {conjunction} {labels[-1]}" if len(labels) > 1 else "".join(labels)


def _optional(work: Work, name: str) -> bool:
    spec = work.book.slot(name)
    return spec is not None and spec.optional
