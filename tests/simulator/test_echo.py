from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.simulator import EchoProtocol, EchoReply

NUMBERS = st.integers(1, 10_000)


@given(seqs=st.lists(NUMBERS, min_size=1, max_size=6), part=NUMBERS, parts=NUMBERS, words=st.text(max_size=20))
def test_a_reply_reads_as_it_was_written(seqs: list[int], part: int, parts: int, words: str) -> None:
    assert EchoProtocol.parse(EchoProtocol.reply(tuple(seqs), part, parts, words)) == EchoReply(
        tuple(seqs), part, parts
    )


@given(seq=NUMBERS, words=st.text(max_size=20))
def test_a_message_keeps_its_number(seq: int, words: str) -> None:
    assert EchoProtocol.seq(EchoProtocol.message(seq, words)) == seq


@pytest.mark.parametrize("text", ["", "hola", "# 1/2", "#1", "#1 1", "re #1 1/2", "#1,a 1/2", "#1 1/2x"])
def test_other_text_is_no_reply(text: str) -> None:
    assert EchoProtocol.parse(text) is None
