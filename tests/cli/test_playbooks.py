"""Playbooks checked, tested, measured and talked to from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Relevo


def test_the_bundled_playbook_loads(relevo: Relevo) -> None:
    assert relevo.json("playbook", "check", "tostadora")["ok"]
    assert "tostadora loads." in relevo("playbook", "check", "tostadora").stdout


def test_a_broken_playbook_is_told_line_by_line_and_exits_with_one(relevo: Relevo, tmp_path: Path) -> None:
    file = tmp_path / "rota.yaml"
    file.write_text("playbook: 1\nbuisness: {name: X}\n")
    report = relevo.json("playbook", "check", str(file), exits=1)
    assert not report["ok"]
    assert any(problem["line"] == 2 for problem in report["problems"])


def test_its_own_dialogues_are_run(relevo: Relevo) -> None:
    report = relevo.json("playbook", "test", "tostadora")
    assert report["ok"]
    assert report["results"]


def test_a_playbook_that_does_not_exist_is_one_line(relevo: Relevo) -> None:
    assert "no playbook" in relevo("playbook", "test", "tostadra", exits=1).stderr


def test_understanding_is_measured_on_labelled_messages(relevo: Relevo, tmp_path: Path) -> None:
    labelled = tmp_path / "labelled.tsv"
    labelled.write_text("cuánto vale la bolsa\tprecio\nqué hora es\t\n")
    report = relevo.json("playbook", "measure", "tostadora", "--messages", str(labelled))
    assert report["messages"] == 2
    assert "per message" in relevo("playbook", "measure", "tostadora", "--messages", str(labelled)).stdout


def test_a_chat_answers_as_the_shop_would(relevo: Relevo) -> None:
    said = relevo("chat", text="hola, cuánto vale?\n/quit\n").stdout
    assert "38.900" in said
    assert "[2 bolsas]" in said
    first = relevo("chat", "--json", text="hola, cuánto vale?\n").stdout.splitlines()[0]
    assert json.loads(first)["outcomes"]


def test_a_chat_tells_what_was_understood_and_why_when_asked(relevo: Relevo) -> None:
    said = relevo("chat", "--playbook", "somnio", text="quiero 2 frascos\n/why\nsoy Ana Ruiz\n/why\nCali\n").stdout
    assert "known: pack x2" in said
    assert "understood: SetSlot nombre Ana" in said
    assert "why: nombre taken" in said
    assert "SetSlot ciudad" not in said


def test_a_chat_with_a_model_that_cannot_be_reached_goes_on_offline_and_says_so(
    relevo: Relevo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    said = relevo(
        "chat", "--model", "openai:gpt-4.1-mini", text="/why\nresulta que mi tía pregunta si allá también\n"
    ).stdout
    assert "note: " in said
    assert "openai:gpt-4.1-mini" in said
    assert "‹ " in said


def test_intents_with_examples_alone_can_be_measured(relevo: Relevo, tmp_path: Path) -> None:
    shop, labelled = tmp_path / "intents.yaml", tmp_path / "labelled.tsv"
    shop.write_text(
        "intents:\n  track: {examples: [where is my order, track my package]}\n"
        "  refund: {examples: [i want a refund, money back please]}\n"
    )
    labelled.write_text("where is my package\ttrack\ngive me my money back\trefund\ntell me a joke\t\nodd\tnosuch\n")
    report = relevo.json("playbook", "measure", str(shop), "--messages", str(labelled))
    assert report["accuracy"] == 1.0
    assert (report["in_scope"], report["out_of_scope"]) == (2, 2)
    assert report["unknown_labels"] == {"nosuch": 1}
    told = relevo("playbook", "measure", str(shop), "--messages", str(labelled)).stdout
    assert "no intent `nosuch`: 1 message counted" in told


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "there is no such file"),
        ("", "holds no message"),
        ("just text\n", "no tab in the whole file"),
        ("a\tb\tc\n\tprecio\n", "line 1: 3 fields"),
        ("hola\tprecio\n\tprecio\n", "line 2: no text before the tab"),
    ],
)
def test_a_bad_file_of_labelled_messages_is_told_clearly(
    relevo: Relevo, tmp_path: Path, content: str | None, reason: str
) -> None:
    labelled = tmp_path / "labelled.tsv"
    if content is not None:
        labelled.write_text(content)
    failed = relevo("playbook", "measure", "tostadora", "--messages", str(labelled), exits=1)
    assert reason in failed.stderr
