"""YAML as shops write it: values with their lines. Runs no tags; `no`, `on` and `08:00` stay the words they are."""

from __future__ import annotations

import re
from typing import Any, cast

import yaml

from relevo.agents.playbook.problems import Path, PlaybookProblemsError, Problem

_INT = re.compile(r"^[-+]?(0|[1-9]\d*)$")
_FLOAT = re.compile(r"^[-+]?\d+\.\d+$")
MAX_PARTS = 100_000
"""No playbook has as many; a small text whose aliases name each other could have billions."""
_WORDS: dict[str, object] = {"true": True, "false": False, "null": None, "~": None, "": None}


class Source:
    """The plain data of a file, and line and column of each of its parts."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._places: dict[Path, tuple[int, int]] = {(): (1, 1)}
        self._parts = 0
        self._problems: list[Problem] = []
        try:
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            self.data: Any = self._plain(root, ()) if root is not None else {}
        except RecursionError:
            raise PlaybookProblemsError(name, (Problem((), "nested too deeply, or within itself"),)) from None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            reason = f"not readable as YAML: {error.problem or error.context or 'syntax'}"
            hint = "quote texts that hold `: `, `#` or begin with a sign, and indent with spaces"
            line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
            raise PlaybookProblemsError(name, (Problem((), reason, hint, line, column=column),)) from None
        except yaml.YAMLError as error:
            raise PlaybookProblemsError(name, (Problem((), f"not readable as YAML: {error}"),)) from None
        if self._problems:
            raise PlaybookProblemsError(name, tuple(self._problems))

    def line(self, path: Path) -> int | None:
        """Return the line of the longest part of `path` that is in the file."""
        return self.place(path)[0]

    def place(self, path: Path) -> tuple[int, int]:
        """Return line and column of the longest part of `path` that is in the file."""
        while path not in self._places:
            path = path[:-1]
        return self._places[path]

    def has(self, path: Path) -> bool:
        """Tell whether the file has this part."""
        return path in self._places

    def value(self, path: Path) -> object:
        """Return the plain value at a path, None where there is none."""
        value: Any = self.data
        for part in path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def _plain(self, node: yaml.Node, path: Path) -> object:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise PlaybookProblemsError(self.name, (Problem((), "too large for a playbook"),))
        self._places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, yaml.MappingNode):
            result: dict[str, object] = {}
            for key_node, value_node in node.value:
                key = str(key_node.value)
                here = (*path, key)
                line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
                if key in result:
                    reason = f"`{key}` stands here twice"
                    self._problems.append(Problem(here, reason, "rename or join them", line, column=column))
                    continue
                self._places[here] = (line, column)
                result[key] = self._plain(value_node, here)
            return result
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item, (*path, index)) for index, item in enumerate(node.value)]
        return _scalar(cast("yaml.ScalarNode", node))


def _scalar(node: yaml.ScalarNode) -> object:
    text = str(node.value)
    if node.style is not None:
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text
