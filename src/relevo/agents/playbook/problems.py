"""What is wrong with a playbook, in words that help to repair it: where, why, and what was probably meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import process

from relevo.errors import PlaybookError

if TYPE_CHECKING:
    from collections.abc import Iterable

Path = tuple[str | int, ...]

_ALIKE = 65


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to repair (or, as a warning, to look at)."""

    path: Path
    reason: str
    suggestion: str | None = None
    line: int | None = None
    """1-based line in the file, where known."""
    warning: bool = False
    column: int | None = None
    """1-based, where the line is known."""

    def __str__(self) -> str:
        where = ".".join(str(part) for part in self.path) or "the file"
        line = f"line {self.line}: " if self.line else ""
        hint = f", {self.suggestion}" if self.suggestion else ""
        return f"{line}{where}: {self.reason}{hint}"


class PlaybookProblemsError(PlaybookError):
    """The playbook does not load; `problems` says why, one by one."""

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        self.source = source
        self.problems = problems
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{source} does not load:\n{lines}")


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Suggest the known name closest to `name`, or list what there is when little exists."""
    names = sorted(set(known))
    best = process.extractOne(name, names, score_cutoff=_ALIKE)
    if best:
        return f"did you mean `{best[0]}`?"
    few = 8
    return f"known: {', '.join(f'`{n}`' for n in names)}" if 0 < len(names) <= few else None
