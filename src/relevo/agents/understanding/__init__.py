"""Understanding: what a customer wrote, as commands. Offline by default; a model where the offline reader is unsure."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from relevo.agents.understanding.slots import Match, Outcome, Problem, SlotContext, parse_slot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from relevo.agents.commands import Reader
    from relevo.agents.playbook.model import Playbook
    from relevo.agents.understanding.measuring import LabelledMessage, MeasureReport, measure, read_labelled_tsv

__all__ = [
    "LabelledMessage",
    "Match",
    "MeasureReport",
    "Outcome",
    "Problem",
    "SlotContext",
    "build_offline_reader",
    "build_reader",
    "measure",
    "parse_slot",
    "read_labelled_tsv",
]
_MEASURING = frozenset({"LabelledMessage", "MeasureReport", "measure", "read_labelled_tsv"})


def __getattr__(name: str) -> object:
    """Import what measures only when it is used: it brings numpy."""
    if name in _MEASURING:
        return getattr(import_module("relevo.agents.understanding.measuring"), name)
    raise AttributeError(name)


def build_offline_reader(playbook: Playbook) -> Reader:
    """Fit a reader that needs no model; takes a fraction of a second for a shop's playbook."""
    from relevo.agents.understanding.offline import OfflineReader  # noqa: PLC0415  # numpy and scipy are slow to import

    return OfflineReader(playbook)


def build_reader(playbook: Playbook, models: Sequence[str] | None = None) -> Reader:
    """Fit a reader that asks `models` (`provider:name`, in order; the playbook's when None) where it is unsure.

    With no model at all it is the offline reader. Keys are the providers' own environment variables; a missing one is
    no error here but a note in each reading that would have needed the model.
    """
    from relevo.agents.understanding.cascade import CascadeReader  # noqa: PLC0415  # as above
    from relevo.agents.understanding.model.phraser import ModelPhraser  # noqa: PLC0415  # as above
    from relevo.agents.understanding.model.reader import ModelReader, models_of  # noqa: PLC0415  # as above
    from relevo.agents.understanding.offline import OfflineReader  # noqa: PLC0415  # as above

    names = playbook.understanding.model.models if models is None else models
    offline = OfflineReader(playbook)
    names = [name for name in names if name]
    if not names:
        return offline
    chain = models_of(playbook, names)
    phraser = ModelPhraser(chain[0]) if playbook.understanding.model.phrasing else None
    return CascadeReader(playbook, offline, ModelReader(playbook, chain), phraser)
