"""Judges echo conversations (see `echo`) exactly: each message answered once, parts in order, nothing superseded. Pure.

Out of turn, for an accepted bubble of the answer to messages S:
- a part comes after a later part of the same answer, or another answer's bubble stands between two parts of it;
- S names a message nobody had been sent a webhook for, or lists messages against their provider time (whole seconds);
- it is superseded: a message outside S, not named by an earlier answer, had been acknowledged more than `grace` seconds
  before the POST arrived. A service that looks for newer messages right before each POST never does this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relevo.simulator.echo import EchoProtocol, EchoReply

if TYPE_CHECKING:
    from relevo.simulator.judge import Case
    from relevo.simulator.records import Inbound, Send


@dataclass(slots=True)
class _Answer:
    parts: int
    said: list[int] = field(default_factory=list[int])


def judge_echo(case: Case, grace: float) -> None:
    """Add findings, answered, coalesced and first replies of one customer's echo conversation to the case."""
    asked = {seq: inbound for inbound in case.inbounds if (seq := EchoProtocol.seq(inbound.text)) is not None}
    answers: dict[tuple[int, ...], _Answer] = {}
    named: dict[int, tuple[int, ...]] = {}
    current: tuple[int, ...] = ()
    for send in case.accepted:
        reply = EchoProtocol.parse(send.text)
        if reply is None:
            continue
        answer = answers.get(reply.seqs)
        if answer is None:
            answer = answers[reply.seqs] = _Answer(reply.parts)
            _open_answer(case, asked, named, reply, send)
        elif reply.part in answer.said:
            case.find("doubled", send.at, f"{send.text!r} said again")
            continue
        elif reply.part < max(answer.said):
            case.find("out_of_turn", send.at, f"{send.text!r} after a later part of the same answer")
        elif reply.seqs != current:
            case.find("out_of_turn", send.at, f"{send.text!r} continues an answer another one had followed")
        answer.said.append(reply.part)
        current = reply.seqs
        _judge_superseded(case, asked, named, send, grace)
    _judge_missing(case, asked, answers, named)


def _open_answer(
    case: Case, asked: dict[int, Inbound], named: dict[int, tuple[int, ...]], reply: EchoReply, send: Send
) -> None:
    known = [asked[seq] for seq in reply.seqs if seq in asked]
    posted = [inbound.posted_at for inbound in known if inbound.posted_at is not None and inbound.posted_at <= send.at]
    if len(posted) < len(reply.seqs):
        case.find("out_of_turn", send.at, f"{send.text!r} answers what had not been said")
    times = [inbound.timestamp for inbound in known]
    if times != sorted(times):
        case.find("out_of_turn", send.at, f"{send.text!r} read the messages out of order")
    fresh = [seq for seq in dict.fromkeys(reply.seqs) if seq in asked and seq not in named]
    for seq in dict.fromkeys(reply.seqs):
        if seq in named:
            case.find("doubled", send.at, f"m{seq} answered by #{named[seq]} and again by #{reply.seqs}")
        named.setdefault(seq, reply.seqs)
    due = [seq for seq in fresh if asked[seq].expects_reply]
    if due:
        case.answered += 1
        case.coalesced += len(due) - 1
    if posted and fresh:
        case.first_replies.append(send.at - min(posted))


def _judge_superseded(
    case: Case, asked: dict[int, Inbound], named: dict[int, tuple[int, ...]], send: Send, grace: float
) -> None:
    for seq, inbound in asked.items():
        waited = 0 if inbound.acked_at is None else send.at - inbound.acked_at
        if seq not in named and inbound.expects_reply and waited > grace:
            case.find("out_of_turn", send.at, f"{send.text!r} although m{seq} was known for {waited:.2f} s")
            return


def _judge_missing(
    case: Case,
    asked: dict[int, Inbound],
    answers: dict[tuple[int, ...], _Answer],
    named: dict[int, tuple[int, ...]],
) -> None:
    for seq, inbound in asked.items():
        if seq not in named and inbound.expects_reply:
            case.find("lost", inbound.at, f"m{seq} was never answered")
    for position, (seqs, answer) in enumerate(answers.items(), start=1):
        expected = answer.parts if position == len(answers) else max(answer.said)
        missing = sorted(set(range(1, expected + 1)) - set(answer.said))
        if missing:
            case.find("lost", asked[seqs[-1]].at if seqs[-1] in asked else 0.0, f"#{seqs} lacks parts {missing}")
