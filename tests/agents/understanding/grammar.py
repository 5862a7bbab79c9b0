"""Makes any amount of labelled customer-support traffic from a grammar, with fillers and typing slips, by seed."""

from __future__ import annotations

import random
import re
from pathlib import Path

from relevo.agents.understanding import LabelledMessage

GRAMMAR = Path(__file__).parent / "data" / "en_support_grammar.tsv"
_OPENINGS = (
    *(
        "",
        "",
        "i need help to ",
        "can you help me ",
        "how do i ",
        "i want to ",
        "i would like to ",
        "could you please ",
    ),
    *(
        "could you please ",
        "help me ",
        "i have got to ",
        "i don't know how to ",
        "is it possible to ",
        "where can i ",
        "please ",
    ),
    *("assistance to ", "i am trying to "),
)
_GREETINGS = ["", "", "", "hi ", "hello, ", "hey ", "tell me "]
_ENDINGS = ["", "", "", "", "", " please", " thanks", " asap", "?", " i need it now", " today"]
_COMPLETE = re.compile(r"(?:what|where|when|how|which|is|do|i|my|there|has|an|in|does|payment|at|can)\b")
_LETTERS = "qwertyuiopasdfghjklzxcvbnm"
_SLIPS = 0.25
_LONG_ENOUGH = 6


class Grammar:
    """The patterns by intent, and those of messages about none of them."""

    def __init__(self, path: Path = GRAMMAR) -> None:
        self.values: dict[str, list[str]] = {}
        self.patterns: dict[str, list[str]] = {}
        self.foreign: list[str] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            name, *parts = line.split("\t")
            if name.startswith("= "):
                self.values[name[2:]] = parts
            elif name and not name.startswith("#"):
                self.patterns[name] = parts
            elif not name:
                self.foreign = parts

    def traffic(self, per_intent: int, asked: int, seed: int = 1) -> tuple[dict[str, list[str]], list[LabelledMessage]]:
        """Return examples by intent, at most so many each, and messages that are none of them, a quarter foreign."""
        chance = random.Random(seed)  # test data, no secret
        taught: dict[str, list[str]] = {}
        messages: list[LabelledMessage] = []
        for intent, patterns in self.patterns.items():
            known = patterns[:-1] if len(patterns) > 2 else patterns
            taught[intent] = list(dict.fromkeys(self._one(known, chance) for _ in range(per_intent * 2)))[:per_intent]
            fresh = (self._one(patterns, chance) for _ in range(asked * 20))
            new = list(dict.fromkeys(text for text in fresh if text not in taught[intent]))
            messages += [LabelledMessage(text, intent) for text in new[:asked]]
        for pattern in self.foreign:
            messages += [LabelledMessage(self._one([pattern], chance), "") for _ in range(asked // 3)]
        return taught, messages

    def _one(self, patterns: list[str], chance: random.Random) -> str:
        text = chance.choice(patterns)
        while "(" in text:
            text = re.sub(r"\(([^()]*)\)", lambda hit: chance.choice(hit[1].split("|")), text, count=1)
        text = re.sub(r"\{(\w+)\}", lambda hit: chance.choice(self.values[hit[1]]), text)
        opening = chance.choice(_GREETINGS if _COMPLETE.match(text) else _OPENINGS)
        return _slipped(" ".join(f"{opening}{text}{chance.choice(_ENDINGS)}".split()), chance)


def _slipped(text: str, chance: random.Random) -> str:
    """Leave out, add or swap a letter in one text of four."""
    if chance.random() >= _SLIPS or len(text) <= _LONG_ENOUGH:
        return text
    place = chance.randrange(len(text))
    return chance.choice(
        [
            text[:place] + text[place + 1 :],
            text[:place] + chance.choice(_LETTERS) + text[place:],
            text[:place] + text[place + 1 : place + 2] + text[place : place + 1] + text[place + 2 :],
        ]
    )
