"""Files to playbooks: reads YAML, says what is wrong with it, fills in settings. The only place that opens a file."""

from __future__ import annotations

import os
import re
from importlib import resources
from pathlib import Path as File
from typing import TYPE_CHECKING, Any, cast

import yaml
from pydantic import ValidationError

from relevo.agents.playbook.model import Playbook
from relevo.agents.playbook.problems import Path, PlaybookProblemsError, Problem, did_you_mean
from relevo.agents.playbook.slots import SLOT_TYPES
from relevo.agents.playbook.source import Source
from relevo.agents.playbook.values import Form
from relevo.errors import PlaybookError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SETTINGS_PREFIX = "RELEVO_PLAYBOOK_"


def bundled() -> tuple[str, ...]:
    """List the playbooks that ship with Relevo."""
    folder = resources.files("relevo.agents") / "playbooks"
    return tuple(sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml")))


def read(path_or_name: str | File) -> tuple[str, str]:
    """Return name and text of a file, or of a bundled playbook. Raises PlaybookError when there is none."""
    file = File(path_or_name)
    if file.is_file():
        return file.stem, file.read_text(encoding="utf-8")
    name = str(path_or_name)
    if name in bundled():
        return name, (resources.files("relevo.agents") / "playbooks" / f"{name}.yaml").read_text(encoding="utf-8")
    hint = did_you_mean(name, bundled())
    raise PlaybookError(f"no playbook `{name}`: neither a file nor bundled{f', {hint}' if hint else ''}")


def parse(name: str, text: str) -> tuple[Playbook, Source]:
    """Read a playbook's form. Raises PlaybookProblemsError with every problem, its line and a suggestion."""
    source = Source(name, text)
    if not isinstance(cast("object", source.data), dict):
        raise PlaybookProblemsError(
            name, (Problem((), "a playbook is a mapping: `playbook: 1`, `business:` …", line=1),)
        )
    try:
        return Playbook.model_validate(source.data), source
    except ValidationError as error:
        problems = tuple(_problems(error, source))
        raise PlaybookProblemsError(name, problems) from None


def settings_for(
    name: str, playbook: Playbook, *, values: Mapping[str, str] | None = None, file: File | None = None
) -> dict[str, str]:
    """Collect the values of a playbook's settings: given ones, then environment, then a file beside the playbook.

    Environment: `RELEVO_PLAYBOOK_<SETTING>`. File: `<playbook>.settings.yaml`. Raises PlaybookError naming what lacks.
    """
    beside: dict[str, Any] = {}
    if file is not None and (companion := file.with_suffix(".settings.yaml")).is_file():
        loaded = yaml.load(companion.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 # strings only
        beside = cast("dict[str, Any]", loaded) if isinstance(loaded, dict) else {}
    result: dict[str, str] = {}
    lacking: list[str] = []
    for key, setting in playbook.settings.items():
        variable = SETTINGS_PREFIX + key.upper()
        value = (values or {}).get(key) or os.environ.get(variable) or str(beside.get(key) or "")
        if not value.strip():
            if setting.required:
                lacking.append(f"{key} ({setting.about}): set {variable}, or `{key}:` in {name}.settings.yaml")
            continue
        if setting.pattern and not re.fullmatch(setting.pattern, value.strip()):
            lacking.append(f"{key}: `{value}` does not look like {setting.about}")
            continue
        result[key] = value.strip()
    if lacking:
        raise PlaybookError(f"{name} lacks settings:\n" + "\n".join(f"  {line}" for line in lacking))
    return result


def example_settings(playbook: Playbook) -> dict[str, str]:
    """Return stand-ins for settings, for checks and tests only."""
    return {key: setting.example or "0000" for key, setting in playbook.settings.items()}


def field_names() -> set[str]:
    """List every key the form knows, for suggestions."""

    def below(form: type[Form]) -> Iterator[str]:
        yield from form.model_fields
        for kind in form.__subclasses__():
            yield from below(kind)

    return set(below(Form))


def _problems(error: ValidationError, source: Source) -> Iterator[Problem]:
    seen: set[tuple[Path, str]] = set()
    details = error.errors(include_url=False)
    for detail in details:
        path = _path(detail["loc"], source, missing=detail["type"] == "missing")
        reason, hint = _reason(detail["type"], detail["msg"], path, source)
        if (path, reason) in seen:
            continue
        seen.add((path, reason))
        line, column = source.place(path)
        yield Problem(path, reason, hint, line, column=column)


def _path(loc: tuple[int | str, ...], source: Source, *, missing: bool = False) -> Path:
    """Keep of pydantic's location what stands in the file; the rest are names of alternatives."""
    path: Path = ()
    for index, part in enumerate(loc):
        if source.has((*path, part)) or (missing and index == len(loc) - 1):
            path = (*path, part)
    return path


def _reason(kind: str, message: str, path: Path, source: Source) -> tuple[str, str | None]:
    if kind == "extra_forbidden":
        return f"unknown key `{path[-1] if path else ''}`", did_you_mean(str(path[-1]), field_names()) if path else None
    if kind == "missing":
        return f"`{path[-1] if path else ''}` is missing", None
    if kind == "union_tag_invalid":
        found = source.value((*path, "type"))
        return f"unknown type `{found}`", did_you_mean(str(found), SLOT_TYPES)
    text = message.removeprefix("Value error, ")
    return text[:1].lower() + text[1:], None
