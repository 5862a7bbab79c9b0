"""docs/playbook.md is true: its example runs, and it names everything there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from relevo.agents.engine.testing import check_file, run_tests
from relevo.agents.playbook.actions import STEP_KINDS, Action
from relevo.agents.playbook.check_texts import OF_ITEMS, PLAIN
from relevo.agents.playbook.conditions import FUNCTIONS, NAMES
from relevo.agents.playbook.dialogues import EXPECTATIONS, INPUTS
from relevo.agents.playbook.model import Playbook
from relevo.agents.playbook.slots import SLOT_TYPES
from relevo.agents.playbook.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

DOC = Path(__file__).parents[3] / "docs" / "playbook.md"


def test_the_small_one_works(tmp_path: Path) -> None:
    example = re.findall(r"```yaml\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
    assert len(example) == 1
    file = tmp_path / "sol.yaml"
    file.write_text(example[0], encoding="utf-8")
    assert [str(p) for p in check_file(file).problems] == []
    report = run_tests(file)
    assert report.ok, "\n".join(map(str, report.failed))


@pytest.mark.parametrize(
    "names",
    [
        [f"### {name}" for name in Playbook.model_fields if name not in {"playbook", "facts", "amounts", "catalog"}],
        INPUTS | EXPECTATIONS,
        SLOT_TYPES,
        STEP_KINDS,
        Action.model_fields,
        FUNCTIONS,
        NAMES,
        WORDS,
        OF_ITEMS,
        PLAIN,
    ],
)
def test_everything_is_named(names: Iterable[str]) -> None:
    text = DOC.read_text(encoding="utf-8")
    assert [name for name in names if not re.search(rf"(?<![a-z_]){re.escape(name)}(?![a-z_])", text)] == []
