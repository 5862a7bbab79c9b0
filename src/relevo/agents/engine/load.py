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
    return name, load_playbook_text(name, text)


def load_playbook_text(name: str, text: str) -> Playbook:
    """Check a playbook that lies in no file. Raises PlaybookError (every problem with line, reason, suggestion)."""
    playbook, source = parse(name, text)
    errors = tuple(p for p in problems_of(playbook, source) if not p.warning)
    if errors:
        raise PlaybookProblemsError(name, errors)
    return playbook


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
    file = Path(path_or_name)
    values = _values(name, playbook, settings, examples=examples, file=file if file.is_file() else None)
    return _ready(name, playbook, values, reader, phraser)


def load_agent_text(
    name: str,
    text: str,
    *,
    settings: Mapping[str, str] | None = None,
    examples: bool = False,
    reader: ReaderFactory | None = None,
) -> PlaybookAgent:
    """Load an agent from a playbook's text; otherwise as `load_agent`."""
    playbook = load_playbook_text(name, text)
    return _ready(name, playbook, _values(name, playbook, settings, examples=examples, file=None), reader, None)


def _values(
    name: str, playbook: Playbook, given: Mapping[str, str] | None, *, examples: bool, file: Path | None
) -> dict[str, str]:
    if examples:
        return {**example_settings(playbook), **(given or {})}
    return settings_for(name, playbook, values=given, file=file)


def _ready(
    name: str, playbook: Playbook, values: Mapping[str, str], reader: ReaderFactory | None, phraser: Phraser | None
) -> PlaybookAgent:
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
