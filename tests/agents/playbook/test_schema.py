"""The JSON Schema knows the short forms people write, and the diff of a failed test says what was expected."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from relevo.agents.engine.testing import run_tests
from relevo.agents.playbook.loader import read
from relevo.agents.playbook.schema import schema, schema_text
from relevo.agents.playbook.source import Source

if TYPE_CHECKING:
    from pathlib import Path


def faults(document: Any) -> list[str]:  # YAML
    validator: Any = jsonschema.Draft202012Validator(schema())
    return [str(error.message) for error in validator.iter_errors(document)]


def plain(name: str) -> Any:  # YAML
    return Source(name, read(name)[1]).data


@pytest.mark.parametrize("name", ["tostadora", "somnio"])
def test_the_bundled_playbooks_fit_the_schema(name: str) -> None:
    assert faults(plain(name)) == []


def test_the_schema_refuses_what_the_form_refuses() -> None:
    wrong: list[dict[str, Any]] = [
        {"facts2": {}},
        {"intents": {"a": {"exemples": []}}},
        {"slots": {"a": {"type": "foto", "ask": "x"}}},
    ]
    for part in wrong:
        assert faults({**plain("tostadora"), **part})


def test_the_schema_explains_itself() -> None:
    whole = schema()
    assert json.loads(schema_text()) == whole
    follow_up = whole["$defs"]["FollowUpItem"]["properties"]
    assert follow_up["after"]["type"] == "string"
    assert whole["additionalProperties"] is False
    described = [p for p in whole["$defs"]["Intent"]["properties"].values() if p.get("description")]
    assert described


def test_a_failed_dialogue_shows_what_was_said_and_what_was_expected(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(
        """\
business: {name: X}
intents:
  hola: {examples: [hola, buenas], do: {say: "¡Hola!"}}
  chao: {examples: [adiós, chao], do: {say: "¡Chao!"}}
  humano: {keywords: [humano], do: {handoff: cliente}}
  baja: {keywords: ["^baja$"], do: {optout: true}}
tests:
  - [{user: humano, handoff: true}]
  - [{user: humano}, {says: "Adiós", handoff: otro}]
""",
        encoding="utf-8",
    )
    report = run_tests(file)
    assert [r.ok for r in report.results] == [True, False]
    told = str(report.failed[0])
    assert "line 9" in told
    assert "should say `Adiós`" in told
    assert "should hand over because of `otro`, did because of `cliente`" in told
    assert "user: humano" in told
