"""The bundled playbooks load without a warning, and every dialogue in them comes out as written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from relevo.agents.engine.testing import check_file, run_playbook_tests
from relevo.agents.playbook.loader import bundled

if TYPE_CHECKING:
    from relevo.agents.engine import PlaybookAgent

BUNDLED = ("somnio", "tostadora")


def test_these_are_the_bundled_ones() -> None:
    assert bundled() == BUNDLED


@pytest.mark.parametrize("name", BUNDLED)
def test_no_problem_and_no_warning(name: str) -> None:
    assert [str(p) for p in check_file(name).problems] == []


@pytest.mark.parametrize("name", BUNDLED)
async def test_every_dialogue_comes_out(name: str, request: pytest.FixtureRequest) -> None:
    agent: PlaybookAgent = request.getfixturevalue(name)
    results = await run_playbook_tests(agent)
    assert len(results) >= 40
    assert not [str(r) for r in results if not r.ok]
