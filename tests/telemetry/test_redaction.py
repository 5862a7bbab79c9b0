"""No secret and no whole phone number reaches a log line, whatever is logged and however it is wrapped."""

from __future__ import annotations

import io
import json
import logging
import re
import string
import sys

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from relevo.telemetry.logs import configure_logging
from relevo.telemetry.redaction import HIDDEN, Redactor, environment_secrets, shorten_phone

PHONES = st.from_regex(r"\+?(57|52|1|55|34)[13-9][0-9]{8,9}", fullmatch=True)
SEPARATORS = st.sampled_from(["", " ", "-", ".", ") "])
SECRETS = st.text(string.ascii_letters + string.digits + "-_", min_size=12, max_size=40)
AROUND = st.text(string.ascii_letters + " :,;='\"{}[]()_", max_size=12)


@st.composite
def written_phones(draw: st.DrawFn) -> tuple[str, str]:
    """A phone as people write it, and its digits."""
    phone = draw(PHONES)
    digits = re.sub(r"\D", "", phone)
    separator = draw(SEPARATORS)
    parts = [digits[:2], digits[2:5], digits[5:8], digits[8:]]
    return ("+" if phone.startswith("+") else "") + separator.join(parts), digits


def logged(form: str, write: object) -> str:
    """What `write` puts on the log's stream."""
    stream = io.StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level, structlog.get_config()
    configure_logging("json" if form == "json" else "console", secrets=["known-beforehand-42"], stream=stream)
    try:
        write()  # type: ignore[operator]
    finally:
        logging.getLogger().handlers[:], level, config = before
        logging.getLogger().setLevel(level)
        structlog.configure(**config)
    return stream.getvalue()


@given(written_phones(), AROUND, st.sampled_from(["error", "detail", "phone", "body"]))
def test_no_phone_survives_in_any_field(phone: tuple[str, str], around: str, name: str) -> None:
    written, digits = phone
    event = Redactor()(None, "info", {"event": f"{around}{written} wrote", name: {"inner": [f"{around}{written}"]}})
    assert written not in str(event)
    assert digits not in re.sub(r"\D", "", str(event))
    assert digits[-4:] in str(event)


@given(SECRETS, st.sampled_from(["access_token", "app_secret", "Authorization", "api_key", "password", "cookie"]))
def test_no_secret_survives_under_its_name(secret: str, name: str) -> None:
    event = Redactor()(None, "info", {"event": "x", "headers": {name: secret}, name: secret})
    assert secret not in str(event)


@given(SECRETS)
def test_no_known_secret_survives_anywhere(secret: str) -> None:
    event = Redactor([secret])(None, "info", {"event": f"it was <{secret}>", "list": [{"x": secret}], secret: 1})
    assert secret not in str([value for key, value in event.items() if key != secret])


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abc.def-ghi",
        "postgresql://relevo:hunter2hunter2@db:5432/relevo",
        "https://host/?hub.verify_token=hunter2hunter2&x=1",
        "token EAABsbCS1234567890abcdefghij failed",
        "key sk-ant-abcdefghijklmnop",
        "relevo_JKEg5JGbwX7tcYm9a3kXacxUj4CKJM4DdBs30kZ7eTk",
        "gAAAAABoabcdefghijklmnopqrstuvwxyz0123456789",
    ],
)
def test_well_known_shapes_of_secrets_are_hidden(text: str) -> None:
    cleaned = Redactor().text(text)
    assert HIDDEN in cleaned
    assert not re.search(r"abc\.def|hunter2|1234567890|abcdefghij|JKEg5", cleaned)


def test_what_helps_and_harms_nobody_stays() -> None:
    event = {
        "event": "turn decided",
        "key": "01a20423-f4e8-76ea-854f-649106549123",
        "at": "2026-11-22T16:44:19.435126Z",
        "messages": 12,
        "seconds": 0.123456789,
        "phone_number_id": "106540352242922",
    }
    assert Redactor()(None, "info", dict(event)) == event


def test_a_shortened_phone_tells_customers_apart() -> None:
    assert shorten_phone("+573001234567") == "+57•••4567"
    assert Redactor().text("573001234567 wrote") == "57•••4567 wrote"


def test_message_ids_do_not_carry_the_number_in_base_64() -> None:
    assert "NTczMDAxMjM0NTY3" not in Redactor().text("wamid.HBgMNTczMDAxMjM0NTY3FQIAEhgUM0EwRDFG got no status")


def test_secrets_of_the_environment_are_found() -> None:
    found = environment_secrets(
        {"RELEVO_SECRET_KEY": "k" * 20, "OPENAI_API_KEY": "o" * 20, "PATH": "/bin", "X": "postgresql://u:pw-pw-pw@h/d"}
    )
    assert sorted(found) == sorted(["k" * 20, "o" * 20, "pw-pw-pw"])


@pytest.mark.parametrize("form", ["json", "console"])
def test_exceptions_and_other_libraries_lines_are_cleaned_too(form: str) -> None:
    def write() -> None:
        try:
            int("no luck with +573001234567 and known-beforehand-42")
        except ValueError:
            logging.getLogger("some.library").exception("failed for %s", "573001234567")
            structlog.get_logger("relevo").warning("failed", exc_info=sys.exc_info(), access_token="abcdefgh")

    text = logged(form, write)
    assert text.count("Traceback") == 2
    assert "3001234567" not in text
    assert "known-beforehand-42" not in text
    assert "abcdefgh" not in text
    assert "4567" in text


def test_json_lines_are_one_object_each_with_time_level_and_logger() -> None:
    def write() -> None:
        structlog.get_logger("relevo.test").info("said", bubbles=2)
        logging.getLogger("library").warning("odd")

    lines = [json.loads(line) for line in logged("json", write).splitlines()]
    assert [(line["event"], line["level"], line["logger"]) for line in lines] == [
        ("said", "info", "relevo.test"),
        ("odd", "warning", "library"),
    ]
    assert lines[0]["bubbles"] == 2
    assert all(line["timestamp"].endswith("Z") for line in lines)
