"""What changed from one text of a playbook to another, line by line."""

import asyncio
import difflib
from typing import Any, Literal

from pydantic import BaseModel, Field

MANY = 10_000
"""Lines, above which those that stand everywhere are not matched: comparing all with all would take minutes."""


class DiffLine(BaseModel):
    """A line of either text, or of both."""

    kind: Literal["added", "removed", "same", "skipped"] = Field(description="`skipped`: unchanged lines left out.")
    text: str
    old_line: int | None
    new_line: int | None


class PlaybookDiff(BaseModel):
    """From one text to another."""

    against: str
    added: int
    removed: int
    lines: list[DiffLine]


async def compare(against: str, old: str, new: str, context: int) -> PlaybookDiff:
    """Compare two texts, off the event loop."""
    return await asyncio.to_thread(_compare, against, old, new, context)


def _compare(against: str, old: str, new: str, context: int) -> PlaybookDiff:
    before, after = old.splitlines(), new.splitlines()
    lines: list[DiffLine] = []
    seen = 0
    for group in difflib.SequenceMatcher(
        None, before, after, autojunk=len(before) + len(after) > MANY
    ).get_grouped_opcodes(context):
        if group[0][1] > seen:
            lines.append(DiffLine(kind="skipped", text="", old_line=None, new_line=None))
        for _, old_from, old_to, new_from, new_to in group:
            lines += _lines_of(before, after, range(old_from, old_to), range(new_from, new_to))
            seen = old_to
    if lines and seen < len(before):
        lines.append(DiffLine(kind="skipped", text="", old_line=None, new_line=None))
    counted: dict[str, Any] = {kind: sum(line.kind == kind for line in lines) for kind in ("added", "removed")}
    return PlaybookDiff(against=against, lines=lines, **counted)


def _lines_of(before: list[str], after: list[str], old: range, new: range) -> list[DiffLine]:
    if [before[i] for i in old] == [after[i] for i in new]:
        return [
            DiffLine(kind="same", text=before[i], old_line=i + 1, new_line=j + 1) for i, j in zip(old, new, strict=True)
        ]
    return [
        *(DiffLine(kind="removed", text=before[i], old_line=i + 1, new_line=None) for i in old),
        *(DiffLine(kind="added", text=after[j], old_line=None, new_line=j + 1) for j in new),
    ]
