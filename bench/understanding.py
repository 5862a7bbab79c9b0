"""Figures for the offline reader: accuracy, noticing what is foreign, cost; beside a plain LinearSVC on the same data.

    python bench/understanding.py [--json] [LABELLED_EXAMPLES.tsv LABELLED_MESSAGES.tsv]

Without files: the labelled sets of the tests (written for this project, examples and messages apart), then traffic that
a grammar makes, from ten to a thousand examples an intent.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import psutil

from relevo.agents.playbook.model import Playbook
from relevo.agents.understanding import measure, read_labelled_tsv
from relevo.agents.understanding.measuring import auroc
from relevo.agents.understanding.offline import OfflineReader

if TYPE_CHECKING:
    from relevo.agents.understanding import LabelledMessage

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.agents.understanding.grammar import Grammar  # the repository is no package
from tests.agents.understanding.trades import trades

DATA = Path(__file__).parents[1] / "tests" / "agents" / "understanding" / "data"
REPEATS = 5
MANY = (10, 50, 200, 1000)
PLAIN_MOST = 400
"""The comparison is not given more than that, lest the benchmark take minutes."""


def intents_of(path: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for message in read_labelled_tsv(path):
        found.setdefault(message.intent, []).append(message.text)
    return found


def plain_svc(intents: dict[str, list[str]], messages: list[LabelledMessage]) -> tuple[float, float | None]:
    """Accuracy and AUROC of the usual recipe: word and character TF-IDF, LinearSVC, the best score as evidence."""
    from sklearn import (  # noqa: PLC0415 # a baseline only
        pipeline,  # pyright: ignore[reportMissingTypeStubs] # as above
        svm,  # pyright: ignore[reportMissingTypeStubs] # as above
    )
    from sklearn.feature_extraction import text  # pyright: ignore[reportMissingTypeStubs] # noqa: PLC0415 # a baseline only

    kit: Any = (text, pipeline, svm)
    words = kit[0].TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    letters = kit[0].TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    model = kit[1].make_pipeline(kit[1].make_union(words, letters), kit[2].LinearSVC(class_weight="balanced"))
    pairs = [(example, intent) for intent, examples in intents.items() for example in examples]
    model.fit([example for example, _ in pairs], [intent for _, intent in pairs])
    scores = model.decision_function([message.text for message in messages])
    best = [cast("str", model.classes_[place]) for place in scores.argmax(axis=1)]
    inside = [bool(message.intent) for message in messages]
    right = [a == message.intent for a, message in zip(best, messages, strict=True) if message.intent]
    return sum(right) / len(right), auroc(scores.max(axis=1).tolist(), inside)


def figures(name: str, examples: Path, labelled: Path) -> dict[str, Any]:
    intents, messages = intents_of(examples), read_labelled_tsv(labelled)
    measure(intents, messages[:1])  # load libraries and word lists once
    reports = [measure(intents, messages) for _ in range(REPEATS)]
    accuracy, area = plain_svc(intents, messages)
    report = reports[0].as_json() | {
        "set": name,
        "fit_seconds": statistics.median(report.fit_seconds for report in reports),
        "ms_per_message": statistics.median(report.ms_per_message for report in reports),
        "svc_accuracy": accuracy,
        "svc_auroc": area,
    }
    del report["confusions"]
    return report


def many(per_intent: int) -> dict[str, Any]:
    """Figures where a shop has dozens of examples an intent, or hundreds: traffic made by a grammar."""
    taught, messages = Grammar().traffic(per_intent, asked=20)
    report = measure(taught, messages)
    few = {intent: texts[:PLAIN_MOST] for intent, texts in taught.items()}
    accuracy, area = plain_svc(few, messages)
    row = report.as_json() | {"set": f"support x{per_intent}", "svc_accuracy": accuracy, "svc_auroc": area}
    del row["confusions"]
    return row


def other_trades(group: str) -> dict[str, Any]:
    """Figures over trades no word list was made for, four or five examples an intent; sums and means of the trades."""
    reports: list[dict[str, Any]] = []
    for taught, messages in trades(group).values():
        accuracy, area = plain_svc(taught, messages)
        reports.append(measure(taught, messages).as_json() | {"svc_accuracy": accuracy, "svc_auroc": area})
    inside = sum(report["in_scope"] for report in reports)
    row: dict[str, Any] = {"set": f"{group} trades ({len(reports)})"}
    row |= {key: sum(report[key] for report in reports) for key in ("intents", "examples", "messages")}
    row |= {
        key: sum(report[key] * report["in_scope"] for report in reports) / inside
        for key in ("accuracy", "svc_accuracy")
    }
    means = ("auroc", "svc_auroc", "answerable_at_95", "answered", "fit_seconds", "ms_per_message")
    row |= {key: statistics.mean(report[key] for report in reports) for key in means}
    return row | {"precision": statistics.mean(report["precision"] or 0 for report in reports)}


def cost() -> dict[str, float]:
    """Tell what a reader costs a process: memory with it loaded, and the time to fit 30 intents of 20 examples."""
    process = psutil.Process()
    before = process.memory_info().rss
    intents = intents_of(DATA / "en_examples.tsv")
    for message in read_labelled_tsv(DATA / "en_messages.tsv"):
        if message.intent:
            intents[message.intent].append(message.text)
    endings = ("please", "thanks", "today", "again", "for my son", "if possible")
    full = {
        intent: (texts + [f"{text} {ending}" for ending in endings for text in texts])[:20]
        for intent, texts in list(intents.items())[:30]
    }
    playbook = Playbook.model_validate({"intents": {name: {"examples": texts} for name, texts in full.items()}})
    began = time.perf_counter()
    reader = OfflineReader(playbook)
    fitted = time.perf_counter() - began
    rss = process.memory_info().rss
    del reader
    return {"fit_30x20_seconds": fitted, "rss_mb": rss / 1e6, "rss_added_mb": (rss - before) / 1e6}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    paid = cost()
    files: list[Path] = arguments.files
    if files:
        rows = [figures(files[0].stem, files[0], files[1])]
    else:
        rows = [
            figures(name, DATA / f"{name}_examples.tsv", DATA / f"{name}_messages.tsv")
            for name in ("en", "en_supplements", "es", "pt")
        ]
        rows += [other_trades(group) for group in ("earlier", "later")]
        rows += [many(per_intent) for per_intent in MANY]
    if arguments.json:
        print(json.dumps({"cost": paid, "sets": rows}, ensure_ascii=False, indent=2))
        return
    print(
        "set          intents examples messages | accuracy AUROC @95%  accepted precision | SVC acc. AUROC | fit s  ms"
    )
    for row in rows:
        print(
            f"{row['set'][:18]:18} {row['intents']:7} {row['examples']:8} {row['messages']:8} |"
            f" {row['accuracy']:8.3f} {row['auroc'] or 0:5.3f} {row['answerable_at_95']:4.2f} {row['answered']:9.2f}"
            f" {row['precision'] or 0:9.3f} | {row['svc_accuracy']:8.3f} {row['svc_auroc'] or 0:5.3f} |"
            f" {row['fit_seconds']:5.2f} {row['ms_per_message']:11.2f}"
        )
    print(
        f"30 intents x 20 examples: fitted in {paid['fit_30x20_seconds']:.2f} s (libraries and word lists included);"
        f" process {paid['rss_mb']:.0f} MB, of which the reader and its libraries {paid['rss_added_mb']:.0f} MB"
    )


if __name__ == "__main__":
    main()
