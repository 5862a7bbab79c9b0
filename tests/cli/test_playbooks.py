"""Playbooks checked, tested, measured and talked to from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

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
