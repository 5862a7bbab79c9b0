"""A reader of keywords and example words only, for when no understanding is built. Guesses little; never raises."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from relevo.agents.commands import (
    Affirm,
    AnswerIntent,
    CannotTell,
    Command,
    Deny,
    OptOut,
    Reading,
    ReadingContext,
    SetSlot,
    SmallTalk,
)
from relevo.agents.engine.book import OPT_OUT, folded

if TYPE_CHECKING:
    from relevo.agents.decision import InboundMessage
    from relevo.agents.playbook.model import Playbook

YES = frozenset(
    {"si", "sii", "dale", "claro", "correcto", "confirmo", "listo", "sim", "yes", "todo bien", "si todo bien"}
)
NO = frozenset({"no", "nao", "nop", "no gracias"})
ACK = frozenset({"ok", "okay", "vale", "bueno", "jaja", "jajaja", "gracias", "👍"})
PHONE = re.compile(r"(?:\+?57\s?)?(3\d{2}[\s.-]?\d{3}[\s.-]?\d{4})")
ENOUGH = 0.5


class PlainReader:
    """Reads by words alone."""

    def __init__(self, playbook: Playbook) -> None:
        self._playbook = playbook
        self._examples = [
            (name, set(folded(example).split()))
            for name, intent in playbook.intents.items()
            for example in intent.examples
        ]

    async def read(self, messages: tuple[InboundMessage, ...], context: ReadingContext) -> Reading:
        """Read a burst."""
        text = " ".join(m.text for m in messages)
        bare = folded(text)
        commands = self._whole(bare, text, context) or [*self._slots(text, bare, context), *self._intents(bare)]
        return Reading(tuple(commands or [CannotTell()]), "plain", 0.5)

    def _whole(self, bare: str, text: str, context: ReadingContext) -> list[Command]:
        if bare in OPT_OUT:
            return [OptOut()]
        if bare in YES or (context.asking and text.strip() in {"👍", "ok", "Ok"}):
            return [Affirm()]
        if bare in NO:
            return [Deny()]
        return [SmallTalk("acknowledgement")] if bare in ACK or text.strip() in ACK else []

    def _slots(self, text: str, bare: str, context: ReadingContext) -> list[Command]:
        found: list[Command] = []
        phone = PHONE.search(text)
        for name, spec in self._playbook.slots.items():
            if spec.type == "phone" and phone:
                found.append(SetSlot(name, "+57" + re.sub(r"\D", "", phone.group(1))))
            elif spec.type == "offer" and (count := re.search(r"\b(\d{1,2})\b", PHONE.sub(" ", text))):
                items = [i.id for i in self._playbook.catalog if str(i.qty) == count.group(1)]
                found += [SetSlot(name, items[0])] if items and (context.asking == name or "quiero" in bare) else []
            elif spec.type == "choice":
                found += [SetSlot(name, o.id) for o in spec.options if folded(o.id) in bare and context.asking == name]
            elif context.asking == name and not found:
                found.append(SetSlot(name, text.strip()))
        return found

    def _intents(self, bare: str) -> list[Command]:
        words = set(bare.split())
        best = max(
            ((len(words & example) / len(example), name) for name, example in self._examples if example),
            default=(0.0, ""),
        )
        return [AnswerIntent(best[1], best[0])] if best[0] > ENOUGH else []
