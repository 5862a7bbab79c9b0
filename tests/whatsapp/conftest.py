from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]


@pytest.fixture(scope="session")
def samples() -> dict[str, dict[str, Json]]:
    return json.loads((Path(__file__).parent / "samples.json").read_text(encoding="utf-8"))


@pytest.fixture
def envelope() -> Callable[..., bytes]:
    """A delivery in Meta's form with one change; `value` as given, the number added."""

    def build(value: Json, field: str | None = "messages") -> bytes:
        metadata = {"display_phone_number": "573009999999", "phone_number_id": "1065"}
        change: Json = {"value": {"messaging_product": "whatsapp", "metadata": metadata} | value}
        if field is not None:
            change["field"] = field
        return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "W", "changes": [change]}]}).encode()

    return build
