"""The CRM agent: keeps contact, tags and order up to date from what the customer writes. Never says anything.

It works while a person has the conversation, too. It reads offline only: bookkeeping is not worth a model's price.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.agents.commands import AnswerIntent, ClearSlot, SetSlot
from relevo.agents.decision import CrmUpdate
from relevo.agents.engine import orders, slots
from relevo.agents.engine.agent import context_of, person_name
from relevo.agents.engine.state import SessionState
from relevo.agents.engine.work import Work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relevo.agents.commands import Reader
    from relevo.agents.decision import OrderDraft, TurnInput
    from relevo.agents.engine.book import Book


class CrmAgent:
    """Observes conversations. Stateless; safe to share."""

    def __init__(self, book: Book, reader: Reader) -> None:
        """`reader` is an offline one."""
        self._book = book
        self._reader = reader

    async def observe(self, turn: TurnInput) -> CrmUpdate:
        """Say what to write down; the same input gives the same update. Awaits nothing outside."""
        state = SessionState.load(turn.state, ())
        work = Work(self._book, turn, state)
        messages = tuple(m for m in turn.messages if m.kind in {"text", "choice"} and m.text.strip())
        if not messages:
            return CrmUpdate()
        before = dict(state.slots)
        reading = await self._reader.read(messages, context_of(work))
        for command in reading.commands:
            if isinstance(command, SetSlot):
                slots.take(work, command)
            elif isinstance(command, ClearSlot):
                state.slots.pop(command.slot, None)
            elif isinstance(command, AnswerIntent):
                self._tags(work, command.intent)
        learned = {name: value for name, value in state.slots.items() if before.get(name) != value}
        fields = {name: value for name, value in learned.items() if _kept(self._book, name)}
        named = any((spec := self._book.slot(n)) is not None and spec.type == "person" for n in learned)
        return CrmUpdate(
            contact_fields=fields,
            contact_name=person_name(work) if named else None,
            tags_add=tuple(dict.fromkeys(work.tags)),
            order=_corrected(work, learned),
            state={**turn.state, **state.dump(), "before": turn.state.get("before")} if learned else None,
            explanation={"learned": sorted(learned), "rules": list(work.rules), "source": reading.source},
        )

    def _tags(self, work: Work, name: str) -> None:
        intent = self._book.playbook.intents.get(name)
        if intent is not None and intent.do is not None:
            work.tags += [tag for tag in intent.do.tag if tag not in work.turn.contact.tags]


def _kept(book: Book, name: str) -> bool:
    spec = book.slot(name)
    return spec is not None and spec.keep


def _corrected(work: Work, learned: Mapping[str, str]) -> OrderDraft | None:
    """Build the open order with what was learned; prices of unchanged lines stay those of the order."""
    order = work.changeable_order
    if order is None or not learned or not work.book.order_flows:
        return None
    flow = work.book.order_flows[0]
    values = {**order.fields, **learned}
    draft = orders.draft(work.book, flow, values, order.status)
    return draft if draft is not None and orders.differs(draft, order) else None
