"""Guardrails: what must not be said, and whom not to answer. Refuses; never rewrites."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from rapidfuzz import fuzz

from relevo.agents.engine import orders
from relevo.agents.engine.book import folded
from relevo.agents.engine.handoff import hand_over
from relevo.agents.playbook.check_texts import claim_pattern
from relevo.agents.playbook.money import AMOUNT, PERCENT, digits
from relevo.agents.playbook.texts import texts
from relevo.agents.playbook.values import all_variants

if TYPE_CHECKING:
    from relevo.agents.engine.book import Book
    from relevo.agents.engine.work import Work

ECHO_LENGTH = 20
"""Shorter texts repeat ours by chance (`2 bolsas`)."""
_STATED: WeakKeyDictionary[Book, frozenset[str]] = WeakKeyDictionary()
"""What each loaded playbook states, worked out once."""
SAME_AGAIN = 3
"""The very same long text so often in a row is a machine's."""
_DATE = re.compile(
    r"\b\d{1,2}\s+de\s+[a-zç]{4,10}\b|\b\d{1,2}[/-]\d{1,2}(?:[/-]\d{2,4})?\b"
    r"|\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\s+\d{1,2}\b",
    re.IGNORECASE,
)
_PROMISE = re.compile(
    r"\b(?:garanti\w*|promet\w*|asegur\w*|gratis|gratuit\w*|regal\w*|descuent\w*|descont\w*|devol\w*|reembols\w*"
    r"|guarante\w*|promis\w*|free|gift\w*|discount\w*|refund\w*|bonific\w*|2x1|mañana|amanhã|tomorrow|hoy|hoje|today)\b",
    re.IGNORECASE,
)


def forbidden_claim(book: Book, text: str) -> str | None:
    """Name the forbidden claim a text makes."""
    bare = folded(text)
    claims = book.playbook.guardrails.claims_forbidden
    return next((claim for claim in claims if claim_pattern(claim).search(bare)), None)


def numbers(text: str) -> set[str]:
    """List the amounts, percentages and dates a text states, comparably."""
    found = {digits(m.group()) for m in AMOUNT.finditer(text)}
    found |= {f"{digits(m.group())}%" for m in PERCENT.finditer(text)}
    return found | {re.sub(r"\s+", " ", m.group().casefold()) for m in _DATE.finditer(text)}


def allowed_numbers(work: Work) -> set[str]:
    """List what may be stated: the playbook's prices and facts, and the customer's orders."""
    book = work.book
    if book not in _STATED:
        _STATED[book] = frozenset(_of_playbook(book))
    allowed: set[str] = set(_STATED[book])
    known = [*work.turn.orders, *([work.order] if work.order else []), *([d] if (d := work.draft()) else [])]
    for order in known:
        amounts = [
            order.total,
            *(x for line in order.lines for x in (line.unit_price, line.unit_price * line.quantity)),
        ]
        allowed |= {digits(book.currency.format(amount)) for amount in amounts}
    for name, value in work.state.slots.items():
        allowed |= numbers(orders.shown(book, name, value, work.language)) | numbers(value)
    return allowed


def _of_playbook(book: Book) -> set[str]:
    playbook = book.playbook
    single = min((i.price for i in playbook.catalog if i.qty == 1), default=0)
    amounts = [*playbook.amounts.values()]
    for item in playbook.catalog:
        amounts += [item.price, item.price // item.qty, max(single * item.qty - item.price, 0)]
    allowed = {digits(book.currency.format(amount)) for amount in amounts}
    for _, text in texts(playbook):
        for variant in all_variants(text):
            allowed |= numbers(variant)
    for value in book.settings.values():
        allowed |= numbers(value)
    return allowed


def refuse_inventions(work: Work) -> None:
    """Drop what states a number nobody gave or makes a forbidden claim; with nothing left, call a person."""
    if not work.spoken:
        return
    allowed = allowed_numbers(work)
    values = sorted((v for v in work.state.slots.values() if not v.isdecimal()), key=len, reverse=True)
    kept = list(work.spoken)
    for spoken in work.spoken:
        text = spoken.bubble.text
        for value in values:
            text = text.replace(value, " ")
        invented = numbers(text) - allowed
        claim = forbidden_claim(work.book, text)
        if invented or claim:
            kept.remove(spoken)
            work.rule(f"guardrail refused {spoken.bubble.key}: {claim or ', '.join(sorted(invented))}")
    if kept != work.spoken:
        work.spoken = kept
        if not kept:
            hand_over(work, "rule:guardrail", "nothing sayable was left")


def phrasing_fault(book: Book, source: str, phrased: str) -> str | None:
    """Say why a model's rewording of `source` may not be said; None when it may.

    Numbers, dates and promises must all stand in the source; nothing may be added to what it asserts.
    """
    if extra := numbers(phrased) - numbers(source):
        return f"states {', '.join(sorted(extra))}"
    if extra := set(re.findall(r"\d+", phrased)) - set(re.findall(r"\d+", source)):
        return f"states {', '.join(sorted(extra))}"
    promised = {m.group().casefold() for m in _PROMISE.finditer(phrased)}
    if extra := promised - {m.group().casefold() for m in _PROMISE.finditer(source)}:
        return f"promises: {', '.join(sorted(extra))}"
    if claim := forbidden_claim(book, phrased):
        return f"claims: {claim}"
    missing = numbers(source) - numbers(phrased)
    return f"leaves out {', '.join(sorted(missing))}" if missing else None


def machine(work: Work) -> str | None:
    """Say why the other side is taken for a machine; None for a person."""
    loop = work.book.playbook.guardrails.agent_loop
    since = work.turn.now - loop.per
    ours = [h for h in work.past if h.author == "agent"]
    if sum(h.at >= since for h in ours) >= loop.max_agent_messages:
        return f"{loop.max_agent_messages} messages of ours within {loop.per}"
    theirs = [folded(h.text) for h in work.past if h.author == "customer"]
    for message in work.turn.messages:
        bare = folded(message.text)
        last = theirs[-(SAME_AGAIN - 1) :]
        if len(bare) > ECHO_LENGTH and len(last) == SAME_AGAIN - 1 and set(last) == {bare}:
            return "the same long message again and again"
    return None


def echo(work: Work) -> bool:
    """Tell whether everything that was written repeats what we said."""
    loop = work.book.playbook.guardrails.agent_loop
    ours = [folded(h.text) for h in work.past if h.author == "agent"][-6:]
    written = [folded(m.text) for m in work.turn.messages]
    return bool(written) and all(
        len(text) > ECHO_LENGTH and any(fuzz.ratio(text, own) >= loop.echo_similarity * 100 for own in ours)
        for text in written
    )
