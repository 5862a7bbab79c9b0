"""A playbook prepared for deciding: references resolved, patterns compiled, settings filled. Immutable and shared."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from relevo.agents.playbook.actions import (
    BranchStep,
    CollectStep,
    ConfirmStep,
    CreateOrderStep,
    Flow,
    OfferStep,
    Step,
)
from relevo.agents.playbook.check_texts import folded
from relevo.agents.playbook.conditions import Condition
from relevo.agents.playbook.money import Currency
from relevo.agents.playbook.slots import ChoiceSlot, OfferSlot, SlotSpec
from relevo.agents.playbook.values import Text, in_language
from relevo.agents.playbook.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from relevo.agents.playbook.model import CatalogItem, Playbook
    from relevo.agents.playbook.replies import Reply, Say

__all__ = ["OPT_IN", "OPT_OUT", "Book", "condition", "folded"]

_S = TypeVar("_S", bound=Step)

OPT_OUT = frozenset({"stop", "baja", "salir", "sair", "parar", "unsubscribe", "darme de baja", "dar de baja"})
OPT_IN = frozenset({"alta", "start", "unstop", "voltar", "volver"})


@lru_cache(maxsize=4096)
def condition(text: str) -> Condition:
    """Parse a condition once."""
    return Condition(text)


class Book:
    """What the engine asks a playbook."""

    def __init__(self, playbook: Playbook, settings: Mapping[str, str] | None = None) -> None:
        self.playbook = playbook
        self.settings = dict(settings or {})
        self.currency = Currency.of(playbook.business)
        self.zone = ZoneInfo(playbook.business.timezone)
        self.language = playbook.business.language
        self.flow_slots = {name: tuple(_slots(flow.steps)) for name, flow in playbook.flows.items()}
        self.order_flows = tuple(
            name for name, flow in playbook.flows.items() if any(_steps(flow.steps, CreateOrderStep))
        )
        self.open_statuses = frozenset(
            step.create_order.status for flow in playbook.flows.values() for step in _steps(flow.steps, CreateOrderStep)
        )
        self._opt_out = [
            re.compile(keyword, re.IGNORECASE)
            for intent in playbook.intents.values()
            if intent.do and intent.do.optout
            for keyword in intent.keywords
            if keyword.startswith("^")
        ]

    def text(self, text: Text, language: str) -> str:
        """Return the words in the language spoken with the customer."""
        return in_language(text, language, self.language)

    def words(self, name: str, language: str) -> str:
        """Return one of the engine's own sentences, the shop's wording first."""
        return self.text(self.playbook.words.get(name, WORDS[name]), language)

    def reply(self, say: Say, key: str) -> tuple[str, Reply]:
        """Resolve a `say` to its bubbles and the key they go by."""
        return (say, self.playbook.replies[say]) if isinstance(say, str) else (key, say)

    def slot(self, name: str) -> SlotSpec | None:
        """Return a slot's specification."""
        return self.playbook.slots.get(name)

    def flow(self, name: str) -> Flow:
        """Return a flow."""
        return self.playbook.flows[name]

    def is_welcome(self, name: str) -> bool:
        """Tell whether a flow only says things (a greeting), and so never holds back an answer."""
        flow = self.playbook.flows[name]
        return flow.welcome or (flow.once_per is not None and not self.flow_slots[name])

    def flow_of_slot(self, slot: str) -> str | None:
        """Name the flow that would ask for a slot; flows that end in an order first."""
        names = (*self.order_flows, *self.flow_slots)
        return next((name for name in names if slot in self.flow_slots[name]), None)

    def offers(self, spec: OfferSlot) -> tuple[CatalogItem, ...]:
        """List the items an offer slot offers."""
        return tuple(i for i in self.playbook.catalog if not spec.items or i.id in spec.items)

    def options(self, slot: str, language: str) -> dict[str, str]:
        """List what a slot offers to choose from: id to title."""
        spec = self.slot(slot)
        if isinstance(spec, OfferSlot):
            return {item.id: self.text(item.name, language) for item in self.offers(spec)}
        if isinstance(spec, ChoiceSlot):
            return {o.id: self.text(o.title or o.id, language) for o in spec.options}
        return {}

    def label(self, slot: str, language: str) -> str:
        """Return what summaries call a slot."""
        spec = self.slot(slot)
        if spec is not None and spec.label is not None:
            return self.text(spec.label, language)
        return slot.replace("_", " ").capitalize()

    def is_opt_out(self, text: str) -> bool:
        """Tell whether a whole message is an opt-out."""
        bare = folded(text)
        return bare in OPT_OUT or any(p.fullmatch(bare) or p.fullmatch(text.strip()) for p in self._opt_out)

    def confirms(self, flow: str) -> bool:
        """Tell whether a flow asks for a yes."""
        return any(_steps(self.playbook.flows[flow].steps, ConfirmStep))


def _steps(steps: tuple[Step, ...], kind: type[_S]) -> Iterator[_S]:
    for step in steps:
        if isinstance(step, kind):
            yield step
        if isinstance(step, BranchStep):
            for case in step.branch:
                yield from _steps(case.steps, kind)


def _slots(steps: tuple[Step, ...]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, CollectStep):
            yield from step.collect
        elif isinstance(step, OfferStep):
            yield step.offer
        elif isinstance(step, BranchStep):
            for case in step.branch:
                yield from _slots(case.steps)
