from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from relevo.whatsapp.split import split_text


def test_short_text_stays_whole() -> None:
    assert split_text("Hola.\n\n¿Qué tal?") == ["Hola.\n\n¿Qué tal?"]
    assert split_text(" \n ") == []


def test_paragraphs_go_before_sentences_before_words() -> None:
    assert split_text("Uno dos. Tres\n\ncuatro. Cinco", 20) == ["Uno dos. Tres", "cuatro. Cinco"]
    assert split_text("Uno dos tres. Cuatro cinco", 18) == ["Uno dos tres.", "Cuatro cinco"]
    assert split_text("Dijo «uno dos.» Cuatro cinco", 18) == ["Dijo «uno dos.»", "Cuatro cinco"]
    assert split_text("uno dos tres cuatro", 9) == ["uno dos", "tres", "cuatro"]


def test_a_word_longer_than_the_limit_is_cut_but_its_accents_stay() -> None:
    assert split_text("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert split_text("abcde\u0301fg", 5) == ["abcd", "e\u0301fg"]
    assert split_text("👩\u200d🚀👩\u200d🚀", 5) == ["👩\u200d🚀", "👩\u200d🚀"]


@given(st.text(st.sampled_from("ab .,;\n!?»\u0301\u200d👩"), max_size=120) | st.text(max_size=120), st.integers(1, 30))
def test_nothing_but_white_space_is_lost(text: str, limit: int) -> None:
    pieces = split_text(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    assert all(piece == piece.strip() for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
