"""Spelling that sounds alike falls together; what differs stays apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.agents.understanding.clauses import clauses
from relevo.agents.understanding.concepts import concepts
from relevo.agents.understanding.fold import plain, sounds, tokens
from relevo.agents.understanding.keywords import Keywords
from relevo.agents.understanding.slots.base import level


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("¿Cuánto vale?", "kuanto bale"),
        ("quiero", "kiero"),
        ("hacen envíos", "asen embios"),
        ("llega", "yega"),
        ("holaaaa", "hola"),
        ("gracias", "grasias"),
        ("porque", "xq"),
        ("vocês entregam", "vcs entregam"),
        ("don't ship", "dont ship"),
        ("preço", "preco"),
    ],
)
def test_misspellings_sound_like_what_they_mean(one: str, other: str) -> None:
    assert sounds(one) == sounds(other)


@pytest.mark.parametrize(
    ("one", "other"), [("pago", "pagó mal"), ("talla", "tabla"), ("casa", "caja"), ("precio", "premio")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert sounds(one) != sounds(other)


def test_numbers_phones_and_links_become_kinds() -> None:
    assert tokens("mira https://x.co/abc 300 123 4567 quiero 2 a@b.co") == [
        "mira", "_url_", "_tel_", "quiero", "_n_", "_mail_",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["cuánto cuesta", "quanto custa", "how much is it", "a cómo", "precio"])
def test_a_concept_is_the_same_in_three_languages(text: str) -> None:
    assert "price" in concepts(sounds(text))


@given(st.text(max_size=200))
def test_levelling_keeps_every_place(text: str) -> None:
    assert len(level(text)) == len(text)
    assert isinstance(plain(text), str)
    assert all(0 <= clause.start < clause.end <= len(text) for clause in clauses(text))


def test_keywords_are_words_phrases_beginnings_and_whole_message_patterns() -> None:
    words = Keywords({"person": ["asesor*", "una persona"], "stop": ["^(baja|no me escriban.*)$"], "broken": ["^("]})
    assert words.in_clause("Quiero una  PERSONA, un asesoramiento") == ["person"]
    assert words.in_clause("el profesor y unas personas") == []
    assert words.in_message(" ¡Baja! ") == ["stop"]
    assert words.in_message("la parte baja") == []
