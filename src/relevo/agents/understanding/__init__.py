"""Understanding: what a customer wrote, as commands. Offline by default; a model where the offline reader is unsure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.agents.understanding.slots import Match, Outcome, Problem, SlotContext, parse_slot

if TYPE_CHECKING:
    from relevo.agents.commands import Reader
    from relevo.agents.playbook.model import Playbook

__all__ = ["Match", "Outcome", "Problem", "SlotContext", "build_offline_reader", "parse_slot"]


def build_offline_reader(playbook: Playbook) -> Reader:
    """Fit a reader that needs no model; takes a fraction of a second for a shop's playbook."""
    from relevo.agents.understanding.offline import OfflineReader  # noqa: PLC0415  # numpy and scipy are slow to import

    return OfflineReader(playbook)
