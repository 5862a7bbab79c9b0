"""Measures understanding on a shop's own labelled messages: how often right, how well it knows, what it mixes up."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from relevo.agents.playbook.model import Playbook
from relevo.agents.understanding.intents import IntentLabels
from relevo.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OUT_OF_SCOPE = ""
_TARGET = 0.95
_MOST_CONFUSIONS = 15
_MOST_EXAMPLES = 3
_MOST_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class LabelledMessage:
    """A real message and the intent a person gave it; empty when it is about none."""

    text: str
    intent: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Confusion:
    """Messages of one intent taken for another; `intent` is empty for messages that were out of scope."""

    intent: str
    taken_for: str
    count: int
    answered: int
    """How many of them would have been answered, wrongly, at the playbook's `accept`."""
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MeasureReport:
    """What `relevo playbook measure` says. Shares and precisions are between 0 and 1."""

    messages: int
    in_scope: int
    out_of_scope: int
    intents: int
    examples: int
    accuracy: float | None
    """Share of in-scope messages whose best intent is right; None without any."""
    auroc: float | None
    """How well in-scope messages are told from others; None when one kind is missing."""
    answerable_at_95: float
    """The largest share of all messages that could be answered, the surest first, with at most 5 % wrong."""
    accept: float
    answered: float
    """Share of all messages answered at the playbook's `accept`."""
    precision: float | None
    """How many of those rightly; None when none is."""
    confusions: tuple[Confusion, ...]
    fit_seconds: float
    ms_per_message: float
    unknown_labels: Mapping[str, int]
    """Labels of the file that the playbook has no intent for; their messages count as out of scope."""

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def read_labelled_tsv(path: str | Path) -> list[LabelledMessage]:
    r"""Read `text<TAB>intent` lines; an empty intent (or none) is out of scope, blank lines and `# …` are skipped.

    Raises InvalidRequestError naming the lines that are wrong, or when nothing is left. A first line `text<TAB>intent`
    is taken for a header.
    """
    content = _content(path)
    messages: list[LabelledMessage] = []
    problems: list[str] = []
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip() or line.startswith("# "):
            continue
        fields = line.split("\t")
        if len(fields) > 2 and any(field.strip() for field in fields[2:]):  # noqa: PLR2004
            problems.append(f"line {number}: {len(fields)} fields; write text, one tab, intent")
        elif not fields[0].strip():
            problems.append(f"line {number}: no text before the tab")
        elif number == 1 and [field.strip().lower() for field in fields[:2]] in (["text", "intent"], ["text", "label"]):
            continue
        else:
            messages.append(LabelledMessage(fields[0].strip(), fields[1].strip() if len(fields) > 1 else "", number))
    if messages and not problems and "\t" not in content:
        problems.append("no tab in the whole file; write text, one tab, intent on each line")
    if problems:
        more = f"\n… and {len(problems) - _MOST_PROBLEMS} more" if len(problems) > _MOST_PROBLEMS else ""
        raise InvalidRequestError(f"{path}:\n" + "\n".join(problems[:_MOST_PROBLEMS]) + more)
    if not messages:
        raise InvalidRequestError(f"{path}: holds no message")
    return messages


def _content(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError as failure:
        raise InvalidRequestError(f"{path}: there is no such file") from failure
    except (OSError, UnicodeDecodeError) as failure:
        raise InvalidRequestError(f"{path}: cannot be read as UTF-8 text ({failure})") from failure


def measure(
    playbook: Playbook | Mapping[str, Sequence[str]],
    labelled: Sequence[LabelledMessage],
    *,
    accept: float | None = None,
) -> MeasureReport:
    """Fit on a playbook (or on `{intent: examples}`) and label every message.

    Raises InvalidRequestError when there is no intent with examples or no message.
    """
    if isinstance(playbook, Playbook):
        known = {name: intent.examples for name, intent in playbook.intents.items()}
        accept = playbook.understanding.first_tier.accept if accept is None else accept
    else:
        known = {name: tuple(examples) for name, examples in playbook.items()}
    if not any(known.values()):
        raise InvalidRequestError("measuring needs at least one intent with examples")
    if not labelled:
        raise InvalidRequestError("measuring needs at least one labelled message")
    began = time.perf_counter()
    labels = IntentLabels.of(playbook) if isinstance(playbook, Playbook) else IntentLabels(known)
    fitted = time.perf_counter()
    found = [labels.label(message.text) for message in labelled]
    done = time.perf_counter()
    gold = [message.intent if message.intent in known else OUT_OF_SCOPE for message in labelled]
    best = [label.best or OUT_OF_SCOPE for label in found]
    right = np.array([bool(g) and g == b for g, b in zip(gold, best, strict=True)])
    inside = np.array([bool(g) for g in gold])
    sure = np.array([label.confidence for label in found])
    threshold = 0.95 if accept is None else accept
    taken = sure >= threshold
    return MeasureReport(
        messages=len(labelled),
        in_scope=int(inside.sum()),
        out_of_scope=int((~inside).sum()),
        intents=sum(bool(examples) for examples in known.values()),
        examples=sum(map(len, known.values())),
        accuracy=float(right[inside].mean()) if inside.any() else None,
        auroc=auroc([label.in_scope for label in found], inside.tolist()),
        answerable_at_95=_answerable(sure, right),
        accept=threshold,
        answered=float(taken.mean()),
        precision=float(right[taken].mean()) if taken.any() else None,
        confusions=_confusions(labelled, gold, best, taken.tolist()),
        fit_seconds=round(fitted - began, 3),
        ms_per_message=round((done - fitted) * 1000 / len(labelled), 3),
        unknown_labels=_unknown(labelled, known),
    )


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """Return the chance that a positive scores above a negative, ties counting half; None when one kind is missing."""
    score, truth = np.asarray(scores, dtype=np.float64), np.asarray(positive, dtype=bool)
    if truth.all() or not truth.any():
        return None
    values, place = np.unique(score, return_inverse=True)
    counts = np.bincount(place, minlength=len(values))
    rank = np.cumsum(counts) - (counts - 1) / 2
    wins = rank[place][truth].sum() - truth.sum() * (truth.sum() + 1) / 2
    return float(wins / (truth.sum() * (~truth).sum()))


def _answerable(sure: np.ndarray[Any, np.dtype[np.float64]], right: np.ndarray[Any, np.dtype[np.bool_]]) -> float:
    order = np.argsort(-sure, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # Only between different confidences can a threshold be set.
    ends = np.append(sure[order][1:] < sure[order][:-1], True)
    good = np.flatnonzero((precision >= _TARGET) & ends)
    return float((good[-1] + 1) / len(order)) if len(good) else 0.0


def _confusions(
    labelled: Sequence[LabelledMessage], gold: Sequence[str], best: Sequence[str], taken: Sequence[bool]
) -> tuple[Confusion, ...]:
    groups: dict[tuple[str, str], list[int]] = {}
    for place, (wanted, got) in enumerate(zip(gold, best, strict=True)):
        # Something out of scope always has a nearest intent; it matters where it would have been answered.
        if wanted != got and (wanted or taken[place]):
            groups.setdefault((wanted, got), []).append(place)
    found = [
        Confusion(
            wanted,
            got,
            len(places),
            sum(taken[place] for place in places),
            tuple(labelled[place].text for place in places[:_MOST_EXAMPLES]),
        )
        for (wanted, got), places in groups.items()
    ]
    return tuple(sorted(found, key=lambda c: (-c.answered, -c.count, c.intent, c.taken_for))[:_MOST_CONFUSIONS])


def _unknown(labelled: Sequence[LabelledMessage], known: Mapping[str, Sequence[str]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for message in labelled:
        if message.intent and message.intent not in known:
            counts[message.intent] = counts.get(message.intent, 0) + 1
    return counts
