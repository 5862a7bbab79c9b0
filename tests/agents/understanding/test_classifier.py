"""The classifier on labelled shop traffic written for these tests, held apart from the examples it is fitted on."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from relevo.agents.understanding import MeasureReport, measure, read_labelled_tsv
from relevo.agents.understanding.classifier import IntentClassifier
from relevo.agents.understanding.features import Features
from relevo.agents.understanding.linear import OFFSET, RIDGE, LeaveOut, SparseRows, separate, settle

from .grammar import Grammar
from .trades import trades

DATA = Path(__file__).parent / "data"


def examples(language: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for message in read_labelled_tsv(DATA / f"{language}_examples.tsv"):
        found.setdefault(message.intent, []).append(message.text)
    return found


@cache
def report(language: str) -> MeasureReport:
    return measure(examples(language), read_labelled_tsv(DATA / f"{language}_messages.tsv"))


@pytest.mark.parametrize(
    ("language", "accuracy", "auroc"), [("en", 0.84, 0.93), ("es", 0.90, 0.94), ("pt", 0.90, 0.95)]
)
def test_unseen_messages_are_labelled_and_foreign_ones_noticed(language: str, accuracy: float, auroc: float) -> None:
    found = report(language)
    assert found.accuracy is not None
    assert found.auroc is not None
    assert found.accuracy >= accuracy
    assert found.auroc >= auroc


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_what_is_accepted_at_95_percent_is_right_about_that_often(language: str) -> None:
    found = report(language)
    assert found.precision is not None
    assert found.precision >= 0.90
    assert found.answered >= 0.25


def test_three_examples_of_two_intents_are_enough_to_work() -> None:
    classifier = IntentClassifier(
        {
            "precio": ["cuánto vale", "qué precio tiene", "precio"],
            "envio": ["hacen envíos", "llega a Pasto", "domicilio"],
        }
    )
    assert classifier.classify("kuanto bale la bolsa").ranked[0][0] == "precio"
    assert classifier.classify("asen embios a cali").ranked[0][0] == "envio"


def test_one_intent_with_one_example_can_be_fitted() -> None:
    classifier = IntentClassifier({"precio": ["cuánto vale"]})
    assert classifier.classify("cuánto vale").verbatim
    assert classifier.classify("mi perro se escapó").confidence < 0.95


def test_a_text_without_words_is_nothing() -> None:
    verdict = IntentClassifier({"precio": ["cuánto vale"]}).classify("!!! 🙈")
    assert verdict.ranked == ()
    assert verdict.confidence == 0


def test_an_example_under_two_intents_is_no_proof_of_either() -> None:
    classifier = IntentClassifier({"a": ["info por favor", "quiero datos"], "b": ["info por favor", "precio"]})
    assert not classifier.classify("info por favor").verbatim


def test_background_the_shop_talks_about_is_not_held_against_it() -> None:
    pets = {
        "venden": ["venden comida para perros", "tienen croquetas", "venden comida para gatos"],
        "hora": ["a qué hora abren", "horario"],
    }
    assert IntentClassifier(pets).classify("venden comida para perros y gatos?").in_scope > 0.5


def test_a_shops_own_background_is_learnt() -> None:
    intents = {"precio": ["cuánto vale", "qué precio tiene"], "envio": ["hacen envíos", "cuánto demora"]}
    text = "quiero reservar el salón"
    plainly = IntentClassifier(intents).classify(text)
    taught = IntentClassifier(intents, ["alquilan el salón comunal", "reservar el salón comunal"]).classify(text)
    assert taught.in_scope < plainly.in_scope


def test_more_confidence_never_means_less_expected_precision() -> None:
    classifier = IntentClassifier(examples("es"))
    seen = [classifier.classify(message.text) for message in read_labelled_tsv(DATA / "es_messages.tsv")]
    ordered = sorted((verdict for verdict in seen if not verdict.verbatim), key=lambda verdict: verdict.chance)
    confidences = [verdict.confidence for verdict in ordered]
    assert all(a <= b + 1e-9 for a, b in pairwise(confidences))


def _problem() -> tuple[SparseRows, Features, list[str], np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    texts = ["cuánto vale", "qué precio tiene", "hacen envíos", "llega a Pasto", "formas de pago", "reciben nequi"]
    features = Features()
    rows = SparseRows(features.fit(texts, own=len(texts)), len(features))
    targets = np.where(np.repeat(np.arange(3), 2)[:, None] == np.arange(3)[None], 1.0, -1.0).astype(np.float32)
    return rows, features, texts, targets


def test_leaving_rows_out_in_closed_form_equals_fitting_without_them() -> None:
    rows, _, _, targets = _problem()
    gram, weight = rows.gram(), np.ones(6, dtype=np.float32)
    whole = LeaveOut(gram, targets, weight)
    for group in (np.array([2]), np.array([0, 1])):
        kept = np.setdiff1d(np.arange(6), group)
        refitted = LeaveOut(gram[np.ix_(kept, kept)], targets[kept], weight[kept])
        expected = (gram[np.ix_(group, kept)] + 0.1) @ refitted.duals
        assert np.allclose(whole.without(group), expected, atol=1e-3)
    assert np.allclose(whole.without_each()[2], whole.without(np.array([2]))[0], atol=1e-3)


def test_iterating_reaches_the_exact_solution() -> None:
    rows, _, _, targets = _problem()
    weight = np.ones(6, dtype=np.float32)
    exact = LeaveOut(rows.gram(), targets, weight).duals
    assert np.allclose(settle(rows, targets, weight, np.zeros_like(targets)), exact, atol=1e-2)


def test_lines_are_drawn_where_no_step_lowers_the_loss() -> None:
    rows, _, _, targets = _problem()
    weight = np.ones(6, dtype=np.float32)
    lines = separate(rows, targets, weight, np.zeros((rows.weights(targets).shape[0] + 1, 3), dtype=np.float32))
    scores = rows.scores(lines[:-1]) + np.sqrt(OFFSET) * lines[-1]
    short = np.where(targets * scores < 1, targets - scores, 0) / RIDGE
    assert np.allclose(lines[:-1], rows.weights(short.astype(np.float32)), atol=0.02)


def test_with_dozens_of_examples_it_is_at_least_a_plain_support_vector_machine() -> None:
    taught, messages = Grammar().traffic(per_intent=40, asked=12)
    found = measure(taught, messages)
    svm = pytest.importorskip("sklearn.svm")
    words = pytest.importorskip("sklearn.feature_extraction.text")
    pipeline = pytest.importorskip("sklearn.pipeline")
    plain = pipeline.make_pipeline(
        pipeline.make_union(
            words.TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
            words.TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        ),
        svm.LinearSVC(class_weight="balanced"),
    )
    pairs = [(text, intent) for intent, texts in taught.items() for text in texts]
    plain.fit([text for text, _ in pairs], [intent for _, intent in pairs])
    asked = [message for message in messages if message.intent]
    named = plain.predict([message.text for message in asked])
    usual = np.mean([a == message.intent for a, message in zip(named, asked, strict=True)])
    assert found.accuracy is not None
    assert found.accuracy >= usual - 0.01
    assert found.auroc is not None
    assert found.auroc >= 0.95
    assert found.precision is not None
    assert found.precision >= 0.94


@pytest.mark.parametrize(("group", "accuracy", "auroc"), [("earlier", 0.83, 0.95), ("later", 0.67, 0.90)])
def test_trades_no_word_list_was_made_for(group: str, accuracy: float, auroc: float) -> None:
    reports = [measure(*taught_and_asked) for taught_and_asked in trades(group).values()]
    right = sum((report.accuracy or 0) * report.in_scope for report in reports)
    assert right / sum(report.in_scope for report in reports) >= accuracy
    assert np.mean([report.auroc for report in reports if report.auroc is not None]) >= auroc


def test_large_sets_are_fitted_from_all_their_examples() -> None:
    topics = [
        "cuánto vale",
        "hacen envíos",
        "formas de pago",
        "tienen garantía",
        "a qué hora abren",
        "quiero devolver",
        "está agotado",
        "necesito factura",
    ]
    things = [
        "bolsa",
        "caja",
        "frasco",
        "kit",
        "tarro",
        "libra",
        "combo",
        "paquete",
        "sobre",
        "botella",
        "lata",
        "funda",
    ]
    places = [
        "Cali",
        "Pasto",
        "Neiva",
        "Tunja",
        "Ibagué",
        "Mocoa",
        "Yopal",
        "Leticia",
        "Quibdó",
        "Pereira",
        "Armenia",
        "Girón",
    ]
    ends = ["", " por favor", " gracias"]
    intents = {
        topic: [f"{topic} {thing} {place}{end}" for thing in things for place in places for end in ends]
        for topic in topics
    }
    assert sum(map(len, intents.values())) > 3000
    classifier = IntentClassifier(intents)
    for topic in topics:
        assert classifier.classify(f"hola, {topic} la caja en Bogotá").ranked[0][0] == topic


def test_examples_without_words_leave_the_other_intents_alone() -> None:
    classifier = IntentClassifier({"precio": ["cuánto vale", "precio"], "vacío": ["!!!", "  "], "nada": []})
    assert classifier.intents == ("precio",)
    assert classifier.classify("cuánto vale").ranked[0][0] == "precio"
