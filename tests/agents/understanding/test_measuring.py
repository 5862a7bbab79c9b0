"""Measuring: what a labelled file may hold, and what the report says of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from relevo.agents.playbook.model import Playbook
from relevo.agents.understanding import LabelledMessage, measure, read_labelled_tsv
from relevo.agents.understanding.measuring import auroc
from relevo.errors import InvalidRequestError

if TYPE_CHECKING:
    from pathlib import Path

INTENTS = {
    "precio": ["cuánto vale", "qué precio tiene", "precio"],
    "envio": ["hacen envíos", "cuánto demora", "llega a mi ciudad"],
    "pago": ["formas de pago", "reciben nequi", "puedo pagar al recibir"],
}
MESSAGES = [
    LabelledMessage("kuanto bale", "precio"),
    LabelledMessage("asen envios", "envio"),
    LabelledMessage("aceptan nequi", "pago"),
    LabelledMessage("mi perro se perdió", ""),
    LabelledMessage("está lloviendo mucho", ""),
    LabelledMessage("tienen talla M", "tallas"),
]


def test_a_report_counts_what_it_says_and_is_plain_json() -> None:
    report = measure(INTENTS, MESSAGES)
    assert (report.messages, report.in_scope, report.out_of_scope) == (6, 3, 3)
    assert report.accuracy == 1
    assert report.auroc is not None
    assert report.auroc > 0.8
    assert report.unknown_labels == {"tallas": 1}
    assert 0 <= report.answerable_at_95 <= 1
    assert json.loads(json.dumps(report.as_json()))["intents"] == 3


def test_a_playbook_of_intents_alone_is_enough_and_sets_the_threshold() -> None:
    source = {"intents": {name: {"examples": texts} for name, texts in INTENTS.items()}}
    playbook = Playbook.model_validate({**source, "understanding": {"first_tier": {"accept": 0.5}}})
    report = measure(playbook, MESSAGES)
    assert report.accept == 0.5
    assert report.accuracy == 1


def test_a_wrong_label_shows_as_a_confusion_with_the_message() -> None:
    report = measure(INTENTS, [LabelledMessage("qué precio tiene", "envio"), LabelledMessage("cuánto vale", "precio")])
    assert report.accuracy == 0.5
    (confusion,) = report.confusions
    assert (confusion.intent, confusion.taken_for, confusion.examples) == ("envio", "precio", ("qué precio tiene",))
    assert report.precision == 0.5
    assert report.answerable_at_95 == 0


def test_keywords_count_as_the_reader_uses_them() -> None:
    playbook = Playbook.model_validate(
        {"intents": {"precio": {"examples": ["cuánto vale"]}, "humano": {"keywords": ["asesor*"]}}}
    )
    assert measure(playbook, [LabelledMessage("pásame un asesor ya", "humano")]).accuracy == 1


def test_without_one_of_the_kinds_there_is_no_auroc() -> None:
    assert measure(INTENTS, MESSAGES[:3]).auroc is None
    assert measure(INTENTS, MESSAGES[3:5]).accuracy is None


def test_nothing_to_measure_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="at least one intent"):
        measure({"precio": []}, MESSAGES)
    with pytest.raises(InvalidRequestError, match="labelled message"):
        measure(INTENTS, [])


def test_auroc_counts_ties_as_half() -> None:
    assert auroc([0.9, 0.8, 0.1], [True, True, False]) == 1
    assert auroc([0.5, 0.5], [True, False]) == 0.5
    assert auroc([0.1, 0.9], [True, False]) == 0
    assert auroc([1.0, 2.0], [True, True]) is None


def test_a_labelled_file_is_read_with_its_line_numbers(tmp_path: Path) -> None:
    file = tmp_path / "labelled.tsv"
    file.write_text(
        "\ufefftext\tintent\n# a comment\nhola\tsaludo\r\n\nqué frío\t\nsolo texto\nfin\tadios\n", encoding="utf-8"
    )
    assert read_labelled_tsv(file) == [
        LabelledMessage("hola", "saludo", 3),
        LabelledMessage("qué frío", "", 5),
        LabelledMessage("solo texto", "", 6),
        LabelledMessage("fin", "adios", 7),
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"hola\tsaludo\nuno\tdos\ttres\n", "line 2: 3 fields"),
        (b"\tsaludo\n", "line 1: no text"),
        (b"hola, saludo\nadios, fin\n", "no tab in the whole file"),
        (b"", "holds no message"),
        (b"\xff\xfe\xfa", "cannot be read as UTF-8"),
    ],
)
def test_a_bad_file_says_what_is_wrong_and_where(tmp_path: Path, content: bytes, complaint: str) -> None:
    file = tmp_path / "labelled.tsv"
    file.write_bytes(content)
    with pytest.raises(InvalidRequestError, match=complaint):
        read_labelled_tsv(file)


def test_a_missing_file_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="no such file"):
        read_labelled_tsv(tmp_path / "nowhere.tsv")
