from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.whatsapp.signature import (
    meta_signature_matches,
    partner_signature_matches,
    secret_header_matches,
    verify_challenge,
)

BODY = b'{"texto":"a\\u00f1o"}'


def signed(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_the_example_of_rfc_4231() -> None:
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert meta_signature_matches(b"what do ya want for nothing?", f"sha256={digest}", ["Jefe"])


def test_any_of_several_secrets_will_do() -> None:
    header = "sha256=" + signed(BODY, "second")
    assert meta_signature_matches(BODY, header, ["first", "second"])
    assert meta_signature_matches(BODY, header.upper().replace("SHA256", "sha256"), ["second"])
    assert not meta_signature_matches(BODY, header, ["first", "third"])
    assert not meta_signature_matches(BODY, header, [])


def test_the_raw_bytes_count() -> None:
    header = "sha256=" + signed(BODY, "s")
    assert not meta_signature_matches('{"texto":"año"}'.encode(), header, ["s"])


@pytest.mark.parametrize("header", [None, "", "sha256=", "sha1=00", "sha256=ñ", "sha256=\ud83d", "sha256=00"])
def test_a_bad_header_is_refused(header: str | None) -> None:
    assert not meta_signature_matches(BODY, header, ["s"])


def test_an_empty_secret_signs_nothing() -> None:
    assert not meta_signature_matches(BODY, "sha256=" + signed(BODY, ""), [""])
    assert not secret_header_matches("", [""])
    assert verify_challenge("subscribe", "", "1", "") is None


@given(
    st.binary(max_size=300), st.text(min_size=1).filter(lambda s: s.isprintable()), st.binary(min_size=1, max_size=9)
)
def test_a_changed_body_never_verifies(body: bytes, secret: str, more: bytes) -> None:
    header = "sha256=" + signed(body, secret)
    assert meta_signature_matches(body, header, [secret])
    assert not meta_signature_matches(body + more, header, [secret])


def test_partner_webhooks_with_or_without_prefix() -> None:
    assert partner_signature_matches(BODY, signed(BODY, "platform"), ["platform"])
    assert partner_signature_matches(BODY, "sha256=" + signed(BODY, "platform"), ["old", "platform"])
    assert not partner_signature_matches(BODY, signed(BODY, "platform"), ["old"])
    assert not partner_signature_matches(BODY, None, ["platform"])


def test_the_secret_header_of_360dialog() -> None:
    assert secret_header_matches("ñandú", ["x", "ñandú"])
    assert not secret_header_matches("x", ["xy", "y"])
    assert not secret_header_matches(None, ["x"])


@pytest.mark.parametrize(
    ("mode", "token", "challenge", "expected", "answer"),
    [
        ("subscribe", "t", "1158201444", "t", "1158201444"),
        ("subscribe", "t", "1158201444", ["a", "t"], "1158201444"),
        ("subscribe", "t", "1", "token", None),
        ("unsubscribe", "t", "1", "t", None),
        (None, "t", "1", "t", None),
        ("subscribe", None, "1", "t", None),
        ("subscribe", "t", None, "t", None),
        ("subscribe", "t", "1", [], None),
    ],
)
def test_the_verification_handshake(
    mode: str | None, token: str | None, challenge: str | None, expected: str | list[str], answer: str | None
) -> None:
    assert verify_challenge(mode, token, challenge, expected) == answer
