from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.whatsapp.explanations import LANGUAGES, explain
from relevo.whatsapp.provider_errors import (
    Action,
    ProviderFailure,
    action_for,
    classify,
    classify_reported,
    not_sent,
    pair_rate_backoff,
    unconfirmed,
)
from relevo.whatsapp.updates import ReportedError


def body(code: object, **more: Any) -> bytes:
    return json.dumps({"error": {"message": f"(#{code}) oh", "code": code} | more}).encode()


@pytest.mark.parametrize(
    ("codes", "action"),
    [
        ((4, 80007, 130429, 131056, 133016, 131057), Action.RETRY_LATER),
        ((2, 131000, 131016), Action.TRANSIENT),
        ((131053,), Action.ONCE_MORE),
        ((131047, 470), Action.NEEDS_TEMPLATE),
        ((100, 131008, 131009, 131026, 131049, 131050, 131051, 131062, 130472), Action.GIVE_UP),
        ((132000, 132001, 132015, 132999), Action.GIVE_UP),
        ((0, 10, 190, 200, 250, 299, 368, 131031, 131042, 130497), Action.STOP_CHANNEL),
        ((131048,), Action.THROTTLE_HARD),
    ],
)
def test_the_table(codes: tuple[int, ...], action: Action) -> None:
    for code in codes:
        failure = classify(400, body(code))
        assert (failure.action, failure.code, failure.ambiguous) == (action, code, False)
        assert classify_reported(ReportedError(code)).action == action


def test_details_and_subcode_decide_before_the_bare_code() -> None:
    data = {
        "messaging_product": "whatsapp",
        "details": "More than 24 hours have passed since the customer last replied",
    }
    assert classify(400, body(100, error_data=data)).action == Action.NEEDS_TEMPLATE
    assert classify(400, body(100, error_data=data)).details == data["details"]
    assert classify(400, body(100, error_subcode=33)).action == Action.STOP_CHANNEL
    assert action_for(199999) is None
    assert action_for(None) is None


@pytest.mark.parametrize(
    ("status", "action", "ambiguous"),
    [
        (400, Action.GIVE_UP, False),
        (401, Action.STOP_CHANNEL, False),
        (404, Action.STOP_CHANNEL, False),
        (408, Action.TRANSIENT, False),
        (429, Action.RETRY_LATER, False),
        (302, Action.STOP_CHANNEL, False),
        (500, Action.TRANSIENT, True),
        (503, Action.TRANSIENT, True),
        (200, Action.TRANSIENT, True),
    ],
)
def test_without_a_code_the_status_decides(status: int, action: Action, ambiguous: bool) -> None:
    failure = classify(status, b"<html>oh</html>")
    assert (failure.action, failure.ambiguous, failure.code) == (action, ambiguous, None)


@given(st.integers(500, 599), st.sampled_from([0, 2, 100, 131047, 131056, 190, 77]))
def test_a_server_error_is_ambiguous_whatever_it_says(status: int, code: int) -> None:
    failure = classify(status, body(code))
    assert failure.ambiguous
    assert not failure.retryable


@given(st.integers(200, 599), st.binary(max_size=60))
def test_no_answer_raises(status: int, answer: bytes) -> None:
    assert isinstance(classify(status, answer), ProviderFailure)


def test_360dialogs_own_forms() -> None:
    older = json.dumps({"errors": [{"code": 470, "title": "closed", "details": "send a template"}]}).encode()
    assert classify(400, older).action == Action.NEEDS_TEMPLATE
    meta = json.dumps({"meta": {"success": False, "http_code": 401, "developer_message": "Invalid api key"}}).encode()
    failure = classify(401, meta)
    assert (failure.action, failure.details) == (Action.STOP_CHANNEL, "Invalid api key")


def test_what_may_be_sent_again() -> None:
    assert not_sent("refused").retryable
    assert not unconfirmed("timeout").retryable
    assert classify(400, body(131056)).retryable
    assert not classify(400, body(131047)).retryable
    assert classify_reported(None).action == Action.GIVE_UP


def test_backoff_for_one_customer() -> None:
    assert [pair_rate_backoff(n) for n in range(4)] == [1, 4, 16, 64]
    assert pair_rate_backoff(6) == pair_rate_backoff(10**9) == 3600
    assert pair_rate_backoff(-1) == 1


def test_every_action_is_explained_in_every_language() -> None:
    for lang in LANGUAGES:
        words = {explain(ProviderFailure(action), lang) for action in Action}
        words.add(explain(unconfirmed("x"), lang))
        assert len(words) == len(Action) + 1
    assert explain(ProviderFailure(Action.GIVE_UP, 131026), "es-CO").endswith("(WhatsApp 131026)")
    assert explain(ProviderFailure(Action.GIVE_UP), "pt_BR") == explain(ProviderFailure(Action.GIVE_UP), "pt")
    assert explain(ProviderFailure(Action.GIVE_UP), "fr") == explain(ProviderFailure(Action.GIVE_UP), "en")
