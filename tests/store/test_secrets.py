"""Channel secrets at rest, and the key they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.errors import ConfigurationError, SecretError
from relevo.settings import Settings
from relevo.store.secrets import SecretBox, secret_box

if TYPE_CHECKING:
    from pathlib import Path

KEY = "long enough to be a key"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_can_be_opened_and_not_read(secret: str) -> None:
    box = SecretBox(KEY)
    sealed = box.seal(secret)
    assert box.open(sealed) == secret
    assert len(secret) < 4 or secret.encode() not in sealed


def test_another_key_opens_nothing() -> None:
    with pytest.raises(SecretError, match="RELEVO_SECRET_KEY"):
        SecretBox("another key, also long").open(SecretBox(KEY).seal("token"))


def test_the_key_is_not_shown() -> None:
    assert KEY not in repr(SecretBox(KEY))


@pytest.mark.parametrize("changes", [{"database_url": "postgresql://db/relevo"}, {"host": "0.0.0.0"}])
def test_production_does_not_start_without_a_key(changes: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="RELEVO_SECRET_KEY is not set"):
        secret_box(Settings.model_validate(changes), tmp_path)


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="too short"):
        secret_box(Settings.model_validate({"secret_key": "short"}), tmp_path)


def test_on_one_machine_a_key_is_made_once_and_kept_to_its_owner(tmp_path: Path) -> None:
    first = secret_box(Settings(), tmp_path)
    second = secret_box(Settings(), tmp_path)
    assert second.open(first.seal("token")) == "token"
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o077 == 0
