"""Labels a text with an intent of a playbook, by keyword or classifier, and says how sure it is; nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from relevo.agents.understanding.classifier import IntentClassifier, Verdict
from relevo.agents.understanding.fold import sounds
from relevo.agents.understanding.keywords import Keywords
from relevo.agents.understanding.small_talk import leading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from relevo.agents.playbook.model import Playbook

KEYWORD_CONFIDENCE = 0.99


@dataclass(frozen=True, slots=True)
class Label:
    """What a text is about, best first."""

    ranked: tuple[tuple[str, float], ...]
    confidence: float
    """Expected precision of the first."""
    in_scope: float
    """Probability that it is about any intent at all."""
    source: Literal["keyword", "example", "classifier"] = "classifier"

    @property
    def best(self) -> str | None:
        """The most likely intent, however unlikely; None when there is nothing to go by."""
        return self.ranked[0][0] if self.ranked else None


NOTHING = Label((), 0.0, 0.0)


class IntentLabels:
    """Labels texts with the intents of a playbook. Fitting happens here; labelling is read-only."""

    def __init__(
        self,
        examples: Mapping[str, Sequence[str]],
        keywords: Mapping[str, Sequence[str]] | None = None,
        background: Sequence[str] = (),
    ) -> None:
        taught = {intent: texts for intent, texts in examples.items() if any(map(sounds, texts))}
        self._classifier = IntentClassifier(taught, background) if taught else None
        self._keywords = Keywords(keywords or {})

    @classmethod
    def of(cls, playbook: Playbook) -> IntentLabels:
        """Fit on a playbook's intents."""
        intents = playbook.intents.items()
        return cls(
            {name: intent.examples for name, intent in intents},
            {name: intent.keywords for name, intent in intents},
            playbook.understanding.background,
        )

    def whole(self, message: str) -> list[str]:
        """Intents whose whole-message pattern fits."""
        return self._keywords.in_message(message)

    def keywords(self, text: str) -> list[str]:
        """Intents named by a keyword."""
        return self._keywords.in_clause(text)

    def label(self, text: str) -> Label:
        """Return the label of a clause or a whole message; a greeting in front does not count against the rest."""
        named = self.whole(text) or self.keywords(text)
        if named:
            return Label(tuple((name, 1.0) for name in named), KEYWORD_CONFIDENCE, KEYWORD_CONFIDENCE, "keyword")
        if self._classifier is None:
            return NOTHING
        verdict = self._classifier.classify(text)
        if not verdict.verbatim:
            kinds, rest = leading(text)
            if rest and kinds and "no" not in kinds:
                bare = self._classifier.classify(" ".join(rest))
                verdict = max(verdict, bare, key=lambda seen: seen.chance)
        return _label(verdict)

    def verbatim(self, text: str) -> str | None:
        """Return the intent that has this very text as an example, give or take spelling."""
        verdict = self._classifier.classify(text) if self._classifier else None
        return verdict.ranked[0][0] if verdict and verdict.verbatim else None


def _label(verdict: Verdict) -> Label:
    return Label(verdict.ranked, verdict.confidence, verdict.in_scope, "example" if verdict.verbatim else "classifier")
