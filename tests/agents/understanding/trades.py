"""Labelled sets of many trades: a few examples an intent, messages apart; chatter and other trades count as foreign."""

from __future__ import annotations

from pathlib import Path

from relevo.agents.understanding import LabelledMessage

FILE = Path(__file__).parent / "data" / "trades.tsv"
_EVERY = 4
"""Of each other trade, the first message of every fourth intent counts as foreign."""


def trades(group: str) -> dict[str, tuple[dict[str, list[str]], list[LabelledMessage]]]:
    """Return examples and messages of each trade of a group (`earlier`, `later`)."""
    examples: dict[str, dict[str, list[str]]] = {}
    messages: dict[str, dict[str, list[str]]] = {}
    chatter: list[str] = []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        trade, kind, intent, text = line.split("\t")
        if trade == "any":
            chatter.append(text)
        elif trade.startswith(group + "/"):
            held = examples if kind == "example" else messages
            held.setdefault(trade, {}).setdefault(intent, []).append(text)
    found: dict[str, tuple[dict[str, list[str]], list[LabelledMessage]]] = {}
    for trade, taught in examples.items():
        own = [LabelledMessage(text, intent) for intent, texts in messages[trade].items() for text in texts]
        others = [
            texts[0] for other in messages if other != trade for texts in list(messages[other].values())[::_EVERY]
        ]
        found[trade] = (taught, [*own, *(LabelledMessage(text, "") for text in [*chatter, *others])])
    return found
