"""Slot parsers: one small set of rules for each kind of data. They read values; they know no flow and ask nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from relevo.agents.playbook import slots as kinds
from relevo.agents.understanding.slots import address, dates, mail, offer, options, person, phone, places
from relevo.agents.understanding.slots.amounts import amounts
from relevo.agents.understanding.slots.base import Match, Outcome, Problem, SlotContext, blank, level
from relevo.agents.understanding.slots.places import region_of

if TYPE_CHECKING:
    from relevo.agents.playbook.slots import FreeSlot, NumberSlot, SlotSpec

__all__ = ["Match", "Outcome", "Problem", "SlotContext", "blank", "level", "parse_slot", "region_of"]


def parse_slot(spec: SlotSpec, text: str, context: SlotContext) -> Outcome:  # noqa: C901, PLR0911 # a way for each kind
    """Find a value for the slot: a `Match`, a `Problem` with what was meant as one, or None when nothing was."""
    match spec:
        case kinds.OfferSlot():
            return offer.find(spec, text, context)
        case kinds.ChoiceSlot():
            return options.find(spec, text, context)
        case kinds.PersonSlot():
            return person.find(spec, text, context)
        case kinds.PhoneSlot():
            return phone.find(spec, text, context)
        case kinds.CitySlot():
            return places.find_city(spec, text, context)
        case kinds.RegionSlot():
            return places.find_region(spec, text, context)
        case kinds.AddressSlot():
            return address.find(spec, text, context)
        case kinds.EmailSlot():
            return mail.find(text, context)
        case kinds.NumberSlot():
            return _number(spec, text, context)
        case kinds.DateSlot():
            return dates.find(spec, text, context)
        case kinds.FreeSlot():
            return _free(spec, text, context)


def _number(spec: NumberSlot, text: str, context: SlotContext) -> Outcome:
    """Return a whole number, taken only when asked for: unasked, a number may count anything."""
    if not context.asked:
        return None
    flat = level(text)
    found = [amount for amount in amounts(flat) if not amount.money]
    exact = [amount for amount in found if not amount.article] or found
    if not exact or len({amount.value for amount in exact}) > 1:
        return None
    if exact[0].article and len(flat.split()) > 2:  # noqa: PLR2004  # "una pregunta" is no number
        return None
    if not spec.min <= exact[0].value <= spec.max:
        return Problem("range")
    return Match(str(exact[0].value), exact[0].start, exact[0].end)


def _free(spec: FreeSlot, text: str, context: SlotContext) -> Outcome:
    words = re.sub(r"\s+", " ", text).strip()
    if not context.asked or not words:
        return None
    if len(words) < spec.min_chars:
        return Problem("too_short")
    if len(words) > spec.max_chars:
        return Problem("too_long")
    return Match(words, 0, len(text))
