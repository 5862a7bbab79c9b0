"""From a file or a name to an agent that can decide. Where playbook, understanding and engine meet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from relevo.agents.engine.agent import Phraser, PlaybookAgent
from relevo.agents.engine.book import Book
from relevo.agents.engine.crm import CrmAgent
from relevo.agents.playbook.check import problems_of
from relevo.agents.playbook.loader import example_settings, parse, read, settings_for
from relevo.agents.playbook.problems import PlaybookProblemsError
from relevo.agents.understanding import build_offline_reader
from relevo.agents.understanding.cascade import CascadeReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from relevo.agents.commands import Reader
    from relevo.agents.playbook.model import Playbook

    ReaderFactory = Callable[[Playbook], Reader]


def load_playbook(path_or_name: str | Path) -> tuple[str, Playbook]:
    """Read and check a playbook. Raises PlaybookError (every problem with line, reason, suggestion)."""
    name, text = read(path_or_name)
    playbook, source = parse(name, text)
    errors = tuple(p for p in problems_of(playbook, source) if not p.warning)
    if errors:
        raise PlaybookProblemsError(name, errors)
    return name, playbook


def load_agent(
    path_or_name: str | Path,
    *,
    settings: Mapping[str, str] | None = None,
    examples: bool = False,
    reader: ReaderFactory | None = None,
    phraser: Phraser | None = None,
) -> PlaybookAgent:
    """Load an agent that is ready to decide.

    `reader` builds what may use a model; without it, and whenever `TurnInput.model_allowed` is false, the agent
    reads offline. `examples` lets the examples of settings stand in for their values: for checks and trying out,
    never for customers. Raises PlaybookError when the playbook does not load or a required setting is not filled.
    """
    name, playbook = load_playbook(path_or_name)
    if examples:
        values = {**example_settings(playbook), **(settings or {})}
    else:
        file = Path(path_or_name)
        values = settings_for(name, playbook, values=settings, file=file if file.is_file() else None)
    book = Book(playbook, values)
    built = reader(playbook) if reader else build_offline_reader(playbook)
    offline = built
    if isinstance(built, CascadeReader):
        offline, phraser = built.offline, phraser or built.phraser
    elif reader:
        offline = build_offline_reader(playbook)
    agent = PlaybookAgent(name, book, built, offline=offline, phraser=phraser)
    agent.crm = CrmAgent(book, offline)
    return agent
