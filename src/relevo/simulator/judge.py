"""Judges a run from what the simulator saw alone: lost, said twice, out of turn. Changes nothing.

Per number and customer, over messages that expect a reply (`Inbound.expects_reply`):

lost
    No message was accepted whose POST arrived after the first attempt at the webhook carrying the inbound one. (Echo
    runs: no accepted answer names it; or an answer was left unfinished although no other answer followed.)
doubled
    The same `biz_opaque_callback_data` was accepted more than once; or, for messages without any, the same kind and
    text twice in a row with no inbound message in between. (Echo runs also: a part was said twice, or two answers name
    one message.)
out_of_turn
    Two POSTs for one customer overlapped in time; or messages were accepted in another order than first attempted (by
    opaque id). (Echo runs also: see `echo_judge`.)
unacknowledged
    The webhook never got a 200 from the service (whatever else happened).

Of the run of messages before a reply the last counts as `answered`, the others as `coalesced`; outside echo runs
`answered + coalesced + lost == expecting`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relevo.simulator.echo_judge import judge_echo
from relevo.simulator.report import Finding, FindingKind, Report, Spread

if TYPE_CHECKING:
    from relevo.simulator.ledger import Ledger
    from relevo.simulator.records import Inbound, Send

_UNANSWERED_TOLERANCE = 0.25
"""Seconds by which the end of a request its sender gave up may be noticed late: the next can overtake the hang-up."""


@dataclass(slots=True)
class Case:
    """One customer's conversation under judgement."""

    number: str
    customer: str
    inbounds: list[Inbound] = field(default_factory=list["Inbound"])
    sends: list[Send] = field(default_factory=list["Send"])
    accepted: list[Send] = field(default_factory=list["Send"])
    """By time of acceptance."""
    findings: list[Finding] = field(default_factory=list[Finding])
    answered: int = 0
    coalesced: int = 0
    first_replies: list[float] = field(default_factory=list[float])

    def find(self, kind: FindingKind, at: float, detail: str) -> None:
        """Note a finding."""
        self.findings.append(Finding(kind, self.number, self.customer, at, detail))


def judge(ledger: Ledger, *, echo: bool = False, grace: float = 1.0) -> Report:
    """Judge everything recorded.

    `echo`: the run followed `EchoProtocol`. `grace`: seconds a service may take from its look for newer messages to the
    arrival of its POST.
    """
    cases = _cases(ledger)
    for case in cases:
        _judge_repeats(case, echo=echo)
        _judge_overlaps(case)
        _judge_order(case)
        if echo:
            judge_echo(case, grace)
        else:
            _judge_replies(case)
        for inbound in case.inbounds:
            if inbound.acked_at is None:
                case.find("unacknowledged", inbound.at, f"{inbound.wamid} {inbound.text!r} never got a 200")
    return _report(ledger, cases)


def _cases(ledger: Ledger) -> list[Case]:
    cases: dict[tuple[str, str], Case] = {}
    for inbound in ledger.inbounds:
        key = (inbound.number, inbound.customer)
        cases.setdefault(key, Case(*key)).inbounds.append(inbound)
    for send in ledger.sends:
        key = (send.number, send.customer)
        cases.setdefault(key, Case(*key)).sends.append(send)
    for case in cases.values():
        case.sends.sort(key=lambda send: send.at)
        case.accepted = sorted((s for s in case.sends if s.accepted_at is not None), key=lambda s: s.accepted_at or 0)
    return list(cases.values())


def _judge_replies(case: Case) -> None:
    seen = sorted((i for i in case.inbounds if i.expects_reply), key=_posted)
    sends = iter(sorted(case.accepted, key=lambda send: send.at))
    send = next(sends, None)
    position = 0
    while position < len(seen):
        while send is not None and send.at < _posted(seen[position]):
            send = next(sends, None)
        if send is None:
            break
        run = [inbound for inbound in seen[position:] if _posted(inbound) <= send.at]
        case.answered += 1
        case.coalesced += len(run) - 1
        case.first_replies.append(send.at - _posted(run[0]))
        position += len(run)
    for inbound in seen[position:]:
        case.find("lost", inbound.at, f"{inbound.wamid} {inbound.text!r} got no reply")


def _posted(inbound: Inbound) -> float:
    return math.inf if inbound.posted_at is None else inbound.posted_at


def _judge_repeats(case: Case, *, echo: bool) -> None:
    seen: set[str] = set()
    previous: Send | None = None
    for send in case.accepted:
        if send.opaque is not None and send.opaque in seen:
            case.find("doubled", send.at, f"{send.opaque} {send.text!r} accepted again")
        elif previous is not None and _same_words(previous, send) and not _spoke_between(case, previous, send):
            bare = send.opaque is None and previous.opaque is None
            if bare or not echo:
                case.find("doubled" if bare else "repeated", send.at, f"{send.text!r} twice in a row")
        if send.opaque is not None:
            seen.add(send.opaque)
        previous = send


def _same_words(one: Send, other: Send) -> bool:
    return (one.kind, one.text) == (other.kind, other.text)


def _spoke_between(case: Case, one: Send, other: Send) -> bool:
    return any(one.at < _posted(inbound) <= other.at for inbound in case.inbounds)


def _judge_overlaps(case: Case) -> None:
    busy_until, holder = -math.inf, None
    for send in case.sends:
        if holder is not None and send.at < busy_until:
            case.find("out_of_turn", send.at, f"POST of {send.text!r} while {holder.text!r} was still on its way")
        end = math.inf if send.ended_at is None else send.ended_at
        end -= 0 if send.answered else _UNANSWERED_TOLERANCE
        if end > busy_until:
            busy_until, holder = end, send


def _judge_order(case: Case) -> None:
    first: dict[str, float] = {}
    for send in case.sends:
        if send.opaque is not None:
            first.setdefault(send.opaque, send.at)
    latest, done = -math.inf, set[str]()
    for send in case.accepted:
        if send.opaque is None or send.opaque in done:
            continue
        done.add(send.opaque)
        if first[send.opaque] < latest:
            case.find("out_of_turn", send.at, f"{send.text!r} was tried before, and accepted after, a later message")
        latest = max(latest, first[send.opaque])


def _report(ledger: Ledger, cases: list[Case]) -> Report:
    findings = tuple(sorted((f for case in cases for f in case.findings), key=lambda finding: finding.at))
    count = {kind: sum(1 for f in findings if f.kind == kind) for kind in {f.kind for f in findings}}
    attempts = [attempt for post in ledger.posts for attempt in post.attempts]
    outcomes = [send.outcome for send in ledger.sends]
    return Report(
        customers=sum(1 for case in cases if case.inbounds),
        messages_in=len(ledger.inbounds),
        expecting=sum(1 for inbound in ledger.inbounds if inbound.expects_reply),
        answered=sum(case.answered for case in cases),
        coalesced=sum(case.coalesced for case in cases),
        lost=count.get("lost", 0),
        doubled=count.get("doubled", 0),
        out_of_turn=count.get("out_of_turn", 0),
        repeated=count.get("repeated", 0),
        unacknowledged=count.get("unacknowledged", 0),
        webhook_posts=len(ledger.posts),
        webhook_attempts=len(attempts),
        webhook_copies=sum(1 for post in ledger.posts if post.copy),
        sends=len(ledger.sends),
        accepted=outcomes.count("accepted"),
        refused=outcomes.count("refused"),
        errors=outcomes.count("error"),
        unanswered=sum(1 for send in ledger.sends if send.outcome == "accepted" and not send.answered),
        statuses=len(ledger.statuses),
        acknowledge=Spread.of([attempt.seconds for attempt in attempts if attempt.outcome == "acked"]),
        first_reply=Spread.of([seconds for case in cases for seconds in case.first_replies]),
        findings=findings,
    )
