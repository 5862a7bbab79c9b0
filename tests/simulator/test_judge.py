"""The judge on hand-made evidence: each rule, and what must not trigger it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from relevo.simulator import EchoProtocol, Ledger
from relevo.simulator.records import Attempt, Inbound, Send, WebhookPost

if TYPE_CHECKING:
    from pathlib import Path

    from relevo.simulator import Report


class Story:
    """Writes a ledger of one customer in a few words; times in seconds."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self._seq = 0

    def said(self, at: float, text: str = "hola", *, acked: float | None = None, expects_reply: bool = True) -> None:
        self._seq += 1
        wamid = f"wamid.{self._seq}"
        self.ledger.add(Inbound(at, "1", "ana", wamid, "text", text, int(at), self._seq, expects_reply))
        post = WebhookPost(self._seq, at, "1", [wamid], 1, 100)
        self.ledger.add(post)
        self.ledger.posting(post, at)
        outcome = "acked" if acked is None or acked >= 0 else "error"
        self.ledger.attempted(post, Attempt(at, 0.01 if acked is None else acked - at, outcome))

    def sent(
        self,
        at: float,
        text: str = "respuesta",
        *,
        opaque: str | None = None,
        took: float | None = 0.05,
        accepted: bool = True,
        answered: bool = True,
    ) -> None:
        send = Send(at, "1", "ana", "ana", "text", text, opaque, answered=answered)
        send.ended_at = None if took is None else at + took
        self.ledger.add(send)
        if accepted:
            self.ledger.accept(send, f"wamid.out.{at}", at + 0.01)

    def report(self, *, echo: bool = False, grace: float = 1.0) -> Report:
        return self.ledger.report(echo=echo, grace=grace)


@pytest.fixture
def story() -> Story:
    return Story()


def kinds(report: Report) -> list[str]:
    return [finding.kind for finding in report.findings]


def test_messages_before_one_reply_are_answered_once_and_coalesced(story: Story) -> None:
    for at in (1.0, 1.2, 1.4):
        story.said(at)
    story.sent(2.0)
    story.said(3.0)
    story.sent(3.5, "otra")
    report = story.report()
    assert (report.answered, report.coalesced, report.lost, report.ok) == (2, 2, 0, True)
    assert report.first_reply.max == pytest.approx(1.0)


def test_a_message_after_the_last_reply_is_lost(story: Story) -> None:
    story.said(1.0)
    story.sent(2.0)
    story.said(3.0)
    report = story.report()
    assert (report.answered, report.lost, kinds(report)) == (1, 1, ["lost"])
    assert "wamid.2" in report.findings[0].detail


def test_a_message_nobody_need_answer_is_not_lost(story: Story) -> None:
    story.said(1.0, expects_reply=False)
    report = story.report()
    assert (report.ok, report.expecting, report.messages_in) == (True, 0, 1)


def test_a_refused_message_answers_nothing(story: Story) -> None:
    story.said(1.0)
    story.sent(2.0, accepted=False)
    assert kinds(story.report()) == ["lost"]


def test_a_webhook_without_200_is_unacknowledged(story: Story) -> None:
    story.said(1.0, acked=-1)
    story.sent(2.0)
    assert kinds(story.report()) == ["unacknowledged"]


def test_the_same_opaque_id_accepted_twice_is_doubled(story: Story) -> None:
    story.said(1.0)
    story.sent(2.0, "a", opaque="x")
    story.sent(3.0, "b", opaque="x")
    assert kinds(story.report()) == ["doubled"]


def test_the_same_words_twice_are_doubled_unless_the_customer_spoke(story: Story) -> None:
    story.said(1.0)
    story.sent(2.0)
    story.said(2.5)
    story.sent(3.0)
    assert story.report().ok
    story.sent(4.0)
    assert kinds(story.report()) == ["doubled"]


def test_the_same_words_under_different_opaque_ids_are_only_pointed_out(story: Story) -> None:
    story.said(1.0)
    story.sent(2.0, opaque="x")
    story.sent(3.0, opaque="y")
    report = story.report()
    assert (kinds(report), report.ok) == (["repeated"], True)


def test_overlapping_posts_are_out_of_turn(story: Story) -> None:
    story.said(1.0)
    story.sent(2.0, "a", took=1.0)
    story.sent(2.5, "b")
    assert kinds(story.report()) == ["out_of_turn"]


def test_a_post_right_after_giving_up_another_does_not_overlap(story: Story) -> None:
    story.said(1.0)
    story.sent(2.0, "a", opaque="x", took=1.0, answered=False)
    story.sent(2.9, "b", opaque="y")
    assert story.report().ok


def test_a_post_while_another_hangs_is_out_of_turn(story: Story) -> None:
    story.said(1.0)
    story.sent(2.0, "a", opaque="x", took=None, answered=False)
    story.sent(9.0, "b", opaque="y")
    assert kinds(story.report()) == ["out_of_turn"]


def test_a_message_overtaken_by_a_later_one_is_out_of_turn(story: Story) -> None:
    story.said(1.0)
    story.sent(2.0, "a", opaque="x", accepted=False)
    story.sent(3.0, "b", opaque="y")
    story.sent(4.0, "a", opaque="x")
    assert kinds(story.report()) == ["out_of_turn"]


def test_a_message_tried_again_before_the_next_is_in_order(story: Story) -> None:
    story.said(1.0)
    story.sent(2.0, "a", opaque="x", accepted=False)
    story.sent(3.0, "a", opaque="x")
    story.sent(4.0, "b", opaque="y")
    assert story.report().ok


# Echo conversations: replies are given as (time, "#<numbers> <part>/<parts>").
@pytest.mark.parametrize(
    ("replies", "found"),
    [
        ([(3.0, "#1,2 1/2"), (3.2, "#1,2 2/2")], []),
        ([(1.5, "#1 1/1"), (3.0, "#2 1/1")], []),
        ([(1.5, "#1 1/3"), (3.0, "#2 1/1")], []),
        ([(3.0, "#2 1/1")], ["lost", "out_of_turn"]),
        ([(3.0, "#1,2 1/2")], ["lost"]),
        ([(3.0, "#1,2 1/3"), (3.2, "#1,2 3/3")], ["lost"]),
        ([(3.0, "#1,2 1/1"), (3.2, "#1,2 1/1")], ["doubled"]),
        ([(3.0, "#1,2 1/1"), (3.2, "#2 1/1")], ["doubled"]),
        ([(3.0, "#1,2 2/2"), (3.2, "#1,2 1/2")], ["out_of_turn"]),
        ([(1.5, "#1 1/2"), (3.0, "#2 1/1"), (3.2, "#1 2/2")], ["out_of_turn"]),
        ([(3.5, "#1 1/1"), (3.6, "#2 1/1")], ["out_of_turn"]),
        ([(3.0, "#2,1 1/1")], ["out_of_turn"]),
        ([(3.0, "#1,2,9 1/1")], ["out_of_turn"]),
    ],
)
def test_echo_conversations_are_judged_exactly(
    replies: list[tuple[float, str]], found: list[str], story: Story
) -> None:
    story.said(1.0, EchoProtocol.message(1))
    story.said(2.0, EchoProtocol.message(2))
    for number, (at, text) in enumerate(replies):
        story.sent(at, text, opaque=str(number))
    assert kinds(story.report(echo=True)) == found


def test_echo_figures_count_answers_and_what_they_cover(story: Story) -> None:
    for seq in (1, 2, 3):
        story.said(float(seq), EchoProtocol.message(seq))
    story.sent(3.1, "#1,2,3 1/1", opaque="x")
    report = story.report(echo=True, grace=5)
    assert (report.answered, report.coalesced, report.first_reply.p50) == (1, 2, pytest.approx(2.1))


def test_a_saved_ledger_is_judged_the_same_elsewhere(story: Story, tmp_path: Path) -> None:
    story.said(1.0)
    story.sent(2.0, "a", opaque="x", took=1.0)
    story.sent(2.5, "b")
    story.said(3.0, "¿y?")
    story.ledger.save(tmp_path / "run.jsonl")
    loaded = Ledger.load(tmp_path / "run.jsonl")
    assert loaded.report() == story.report()
    assert list(loaded.records()) == list(story.ledger.records())
    assert loaded.live() == story.ledger.live()


def test_the_live_view_says_who_waits(story: Story) -> None:
    story.said(1.0, "hola")
    assert story.ledger.live()[0].waiting_since == 1.0
    story.sent(2.0, "¿qué tal?")
    (line,) = story.ledger.live()
    assert (line.waiting_since, line.last_said, line.last_reply) == (None, "hola", "¿qué tal?")
    assert story.ledger.counts()["waiting"] == 0
