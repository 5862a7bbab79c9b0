"""The reader that needs no model: consent first, then answers to the open question, data, keywords and the classifier.

Labels only: it never decides what is done about them, and what it does not understand it says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from relevo.agents.commands import (
    Affirm,
    AnswerIntent,
    AskForPerson,
    CannotTell,
    Choose,
    Command,
    Deny,
    Feeling,
    OptIn,
    OptOut,
    Reading,
    SmallTalk,
)
from relevo.agents.understanding.clauses import clauses, halves, is_question
from relevo.agents.understanding.consent import opts_in, opts_out
from relevo.agents.understanding.data import NOT_KNOWN, Data, SlotReader, without_values
from relevo.agents.understanding.fold import MAX_CHARS, tokens
from relevo.agents.understanding.intents import NOTHING, IntentLabels, Label
from relevo.agents.understanding.language import language_of
from relevo.agents.understanding.slots.base import level
from relevo.agents.understanding.slots.options import by_name, by_place
from relevo.agents.understanding.small_talk import Kind, is_angry, kinds_of, leading, wants_person

if TYPE_CHECKING:
    from relevo.agents.commands import ReadingContext
    from relevo.agents.decision import InboundMessage
    from relevo.agents.playbook.model import Playbook

_YES_OR_NO = ("confirm", "cancel")
"""Questions that "ok", "listo" and 👍 say yes to."""
_CLEAR_ANSWER = re.compile(
    r"^\W*(?:s[ií]+|sim|yes|no|nao|não|claro|correcto|ok|dale|listo|confirmo)\b\s*(?:[,.;!\n]|$|(?:y|e|and)\b)",
    re.IGNORECASE,
)
_PARSED = 0.98
_HIGH_RISK = 0.5
"""An intent of high risk must come this much nearer to certainty than the playbook's `accept`."""
_MOST_INTENTS = 4
_TALK: dict[Kind, SmallTalk] = {
    "thanks": SmallTalk("thanks"),
    "laughter": SmallTalk("laughter"),
    "acknowledgement": SmallTalk("acknowledgement"),
    "goodbye": SmallTalk("goodbye"),
    "greeting": SmallTalk("greeting"),
    "heard": SmallTalk("acknowledgement"),
    "compliment": SmallTalk("compliment"),
}


class OfflineReader:
    """Reads for one playbook. Fitted once, then stateless; safe to share."""

    def __init__(self, playbook: Playbook) -> None:
        self._labels = IntentLabels.of(playbook)
        self._slots = SlotReader(playbook)
        tier = playbook.understanding.first_tier
        self._accept, self._clarify = tier.accept, tier.clarify
        self._most = min(MAX_CHARS, playbook.guardrails.max_input_chars)
        self._languages = (playbook.business.language, *playbook.business.also)
        intents = playbook.intents
        self._optouts = frozenset(n for n, i in intents.items() if i.do is not None and i.do.optout)
        self._optins = frozenset(n for n, i in intents.items() if i.do is not None and i.do.optin)
        self._risky = frozenset(n for n, i in intents.items() if i.risk == "high")
        self._people = frozenset(n for n, i in intents.items() if i.do is not None and i.do.handoff is not None)
        self._flows = {n: i.do.flow for n, i in intents.items() if i.do is not None and i.do.flow is not None}

    async def read(self, messages: tuple[InboundMessage, ...], context: ReadingContext) -> Reading:
        """Read a message or a burst; never raises for anything a customer can write."""
        return self.read_now(messages, context)

    def read_now(self, messages: tuple[InboundMessage, ...], context: ReadingContext) -> Reading:
        """As `read`, for callers that have no event loop."""
        written = [m.text[: self._most] for m in messages if not (m.kind == "choice" and m.choice_id)]
        taps: list[Command] = [Choose(m.choice_id) for m in messages if m.kind == "choice" and m.choice_id]
        written = [text for text in written if text.strip()]
        for text in written:
            consent = self._consent(text, context)
            if consent is not None:
                return Reading((consent,), "parser", 1.0, language=self._language(text))
        text = "\n".join(written)[: self._most]
        if not text:
            return Reading(tuple(taps), "parser", 1.0)
        commands, source, confidence, label, details = self._understand(text, context)
        commands = [*taps, *commands]
        if taps:
            commands = [c for c in commands if not isinstance(c, CannotTell)]
        return Reading(
            tuple(commands),
            source,
            confidence,
            language=self._language(text),
            scores=dict(label.ranked),
            details=details,
        )

    def _consent(self, text: str, context: ReadingContext) -> OptOut | OptIn | None:
        whole = self._labels.whole(text)
        if opts_out(text) or self._optouts & {*whole, self._labels.verbatim(text)}:
            return OptOut()
        asked = self._slots.asked(context)
        wanted = opts_in(text) or bool(self._optins & set(whole))
        if wanted and (asked is None or not self._slots.read(text, context, lambda _: True).answered):
            return OptIn()
        return None

    def _language(self, text: str) -> str | None:
        found = language_of(text)
        return found if found in self._languages else None

    def _understand(
        self, text: str, context: ReadingContext
    ) -> tuple[list[Command], str, float, Label, dict[str, Any]]:
        option = _offered(text, context)
        if option is not None:
            return [Choose(option)], "parser", _PARSED, NOTHING, {"option": option}
        data = self._slots.read(text, context, self._is_intent)
        if data.problem is not None and data.problem.reason == NOT_KNOWN:
            return [data.problem], "parser", _PARSED, NOTHING, {}
        kinds = kinds_of(text)
        if kinds is not None and not data.commands:
            return self._small_talk(text, kinds, context)
        labels = self._intents(text, data)
        return self._assemble(text, data, labels, context)

    def _is_intent(self, text: str) -> bool:
        label = self._labels.label(text)
        return self._accepted(label) is not None

    def _accepted(self, label: Label) -> str | None:
        best = label.best
        if best is None or best in self._optouts:
            return None
        needed = self._accept + (1 - self._accept) * _HIGH_RISK if best in self._risky else self._accept
        return best if label.confidence >= min(needed, 0.985) else None

    def _small_talk(  # noqa: PLR0911 # one way for each thing a few words can be
        self, text: str, kinds: list[Kind], context: ReadingContext
    ) -> tuple[list[Command], str, float, Label, dict[str, Any]]:
        """Return a message of nothing but yes, no, thanks, laughter: read in the light of the last question."""
        asking = (context.asking or "").partition(":")[0]
        verbatim = self._labels.verbatim(text)
        details: dict[str, Any] = {"small_talk": list(kinds)}
        answer = _answer(kinds, asking)
        if answer is not None and asking in {*_YES_OR_NO, "change", "followup", "resume"}:
            return [answer, *_talk(kinds, thanks_only=True)], "parser", _PARSED, NOTHING, details
        named = [name for name in self._labels.keywords(text) if name not in self._optouts]
        named += [verbatim] if verbatim is not None and verbatim not in self._optouts else []
        if named:
            chosen: list[Command] = [AnswerIntent(name, _PARSED) for name in dict.fromkeys(named)]
            return chosen, "keyword", _PARSED, Label(((named[0], 1.0),), _PARSED, _PARSED, "example"), details
        if "sad" in kinds and re.search("[😡😠🤬😤]", text):
            return [Feeling("angry")], "parser", _PARSED, NOTHING, details
        if answer is not None:
            return [answer, *_talk(kinds, thanks_only=True)], "parser", _PARSED, NOTHING, details
        talk = _talk(kinds)
        if talk:
            return talk, "parser", _PARSED, NOTHING, details
        if "unsure" in kinds:
            return [CannotTell()], "parser", 0.5, NOTHING, details
        return [SmallTalk("acknowledgement")], "parser", 0.9, NOTHING, details

    def _intents(self, text: str, data: Data) -> list[tuple[str, Label]]:
        """Return the text's clauses that still say something, each with its label; or the whole with one label."""
        if not data.commands and self._labels.verbatim(text) is not None:
            return [(text, self._labels.label(text))]
        pieces: list[tuple[str, Label]] = []
        remaining: list[str] = []
        for clause in clauses(text):
            body = text[clause.start : clause.end].strip()
            rest = without_values(data, clause)
            held = rest != body.replace("\n", " ")
            if not re.search(r"\w", rest) or kinds_of(body) is not None:
                continue
            if held and (data.answered or len(tokens(rest)) < 2) and not clause.asking:  # noqa: PLR2004
                continue
            if not held:
                remaining.append(body)
            pieces.extend(self._clause(body + ("?" if clause.asking else "")))
        if len(pieces) > 1 and len(remaining) > 1 and not any(self._accepted(label) for _, label in pieces):
            whole = " ".join(remaining)
            label = self._labels.label(whole)
            if self._accepted(label) or label.confidence > max(found.confidence for _, found in pieces):
                return [(whole, label)]
        return pieces

    def _clause(self, body: str) -> list[tuple[str, Label]]:
        """One label, or two where an "and" joins two thoughts that are both sure and not the same."""
        label = self._labels.label(body)
        for left, right in halves(body):
            both = (self._labels.label(left), self._labels.label(right))
            names = {self._accepted(half) for half in both}
            if None not in names and len(names) == len(both):
                return [(left, both[0]), (right, both[1])]
        return [(body, label)]

    def _assemble(
        self, text: str, data: Data, labels: list[tuple[str, Label]], context: ReadingContext
    ) -> tuple[list[Command], str, float, Label, dict[str, Any]]:
        commands: list[Command] = []
        kinds, rest = leading(text)
        accepted: dict[str, Label] = {}
        for _, label in labels:
            name = self._accepted(label)
            names = [n for n, _ in label.ranked if n not in self._optouts] if label.source == "keyword" else [name]
            for found in names:
                if found is not None and not (context.flow is not None and self._flows.get(found) == context.flow):
                    accepted.setdefault(found, label)
        chosen = sorted(accepted, key=lambda n: n not in self._risky)[:_MOST_INTENTS]
        flat = level(text)
        if is_angry(flat):
            commands.append(Feeling("angry"))
        if wants_person(flat) and not self._people & set(chosen):
            commands.append(AskForPerson())
        commands += data.commands
        commands += self._greeting(kinds, text, rest)
        commands += [AnswerIntent(name, round(accepted[name].confidence, 3)) for name in chosen]
        commands += self._lead_answer(text, kinds, rest, data, context)
        details: dict[str, Any] = {
            "clauses": [
                {"text": body[:80], "best": label.best, "confidence": round(label.confidence, 3), "by": label.source}
                for body, label in labels[:_MOST_INTENTS]
            ]
        }
        best = max((label for _, label in labels), key=lambda label: label.confidence, default=NOTHING)
        substance = [c for c in commands if not isinstance(c, SmallTalk)]
        if substance:
            sure = [accepted[name].confidence for name in chosen] + ([_PARSED] if len(substance) > len(chosen) else [])
            source = "parser" if data.commands or not chosen else accepted[chosen[0]].source
            unclear = self._unclear(labels, accepted, data) if not data.commands else 1.0
            return commands, "keyword" if source == "example" else source, min([*sure, unclear]), best, details
        if data.problem is not None and not (
            best.source != "keyword" and best.in_scope >= self._clarify and is_question(text)
        ):
            return [*commands, data.problem], "parser", 0.8, best, details
        commands.append(CannotTell(self._candidates(best)))
        return commands, "classifier", best.confidence if labels else 0.0, best, details

    def _unclear(self, labels: list[tuple[str, Label]], accepted: dict[str, Label], data: Data) -> float:
        """Lowers the confidence where a further clause in scope was not understood; a model may then help."""
        left = [label for _, label in labels if label not in accepted.values() and label.in_scope >= self._clarify]
        same = [label for label in left if label.best not in accepted]
        return min((max(label.confidence, 0.5) for label in same), default=1.0) if not data.answered else 1.0

    def _greeting(self, kinds: list[Kind], text: str, rest: list[str]) -> list[Command]:
        if "greeting" not in kinds or not rest:
            return []
        words = tokens(text)
        verbatim = self._labels.verbatim(" ".join(words[: len(words) - len(rest)]))
        return [AnswerIntent(verbatim, _PARSED)] if verbatim is not None else [SmallTalk("greeting")]

    def _lead_answer(
        self, text: str, kinds: list[Kind], rest: list[str], data: Data, context: ReadingContext
    ) -> list[Command]:
        """Return the yes or no a longer message begins with, where a question is open and no value replaces it."""
        asking = (context.asking or "").partition(":")[0]
        answer = _answer(kinds, asking)
        if answer is None or not rest or context.asking is None or data.answered:
            return []
        if isinstance(answer, Deny) and (data.commands or not _CLEAR_ANSWER.match(text)):
            return []
        if isinstance(answer, Affirm) and asking not in _YES_OR_NO and not _CLEAR_ANSWER.match(text):
            return []
        return [answer] if not is_question(text) or _CLEAR_ANSWER.match(text) else []

    def _candidates(self, label: Label) -> tuple[tuple[str, float], ...]:
        if label.in_scope < self._clarify:
            return ()
        named = [(name, round(max(0.0, min(1.0, (score + 1) / 2)), 3)) for name, score in label.ranked]
        return tuple(entry for entry in named if entry[0] not in self._optouts)[:3]


def _offered(text: str, context: ReadingContext) -> str | None:
    """Return the option of a clarification that a short text names; slots' options are their parsers' business."""
    if not context.options or context.asking is None or not context.asking.startswith("clarify"):
        return None
    flat = level(text)
    if len(flat.split()) > 6:  # noqa: PLR2004
        return None
    found = by_name(flat, {option: (level(title),) for option, title in context.options.items()})
    found = found or by_place(flat, list(context.options))
    return found.value if found is not None else None


def _answer(kinds: list[Kind], asking: str) -> Affirm | Deny | None:
    if "no" in kinds:
        return Deny()
    if "heard" in kinds and "yes" not in kinds and "thumb" not in kinds:
        return None
    if "yes" in kinds or ("acknowledgement" in kinds and asking in _YES_OR_NO) or ("thumb" in kinds and asking):
        return Affirm()
    return None


def _talk(kinds: list[Kind], *, thanks_only: bool = False) -> list[Command]:
    found = [_TALK[kind] for kind in dict.fromkeys(kinds) if kind in _TALK and (kind == "thanks" or not thanks_only)]
    # Thanks and goodbyes say more than the "ok" that comes with them.
    strong = [talk for talk in found if talk.kind in {"thanks", "goodbye", "greeting", "compliment"}]
    return [*(strong or found)]
