"""The playbook's JSON Schema, for editors that complete and check while one types. Never written by hand."""

from __future__ import annotations

import json
from typing import Any

from relevo.agents.playbook.model import Playbook


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a playbook file."""
    body = Playbook.model_json_schema(by_alias=True, mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Relevo playbook",
        **{key: value for key, value in body.items() if key != "title"},
    }


def schema_text() -> str:
    """Return the JSON Schema as text, stable across runs."""
    return json.dumps(schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
