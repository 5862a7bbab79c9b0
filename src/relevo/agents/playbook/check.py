"""What a form alone cannot show: references, prices in texts, follow-ups, opt-out. Reports; repairs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relevo.agents.playbook.model import Playbook
    from relevo.agents.playbook.problems import Problem
    from relevo.agents.playbook.source import Source


def problems_of(playbook: Playbook, source: Source) -> list[Problem]:
    """List everything wrong, errors and warnings."""
    return []
