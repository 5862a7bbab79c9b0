"""The small values a playbook is written in: texts in several languages, durations, names. Never any business logic."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Language = Literal["es", "pt", "en"]
Text = str | dict[Language, str]
"""Words for the customer: one text, or one for each language (`{es: …, pt: …}`)."""
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
"""What things are called inside the playbook: lower case, digits, underscores."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Form(BaseModel):
    """Base of every part of the form: unknown keys are errors, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True)


def duration(value: object) -> object:
    """Read `90s`, `10m`, `1h30m`, `50d` as a timedelta; anything else is left for pydantic to refuse."""
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError("write a duration with its unit: 90s, 10m, 3h, 50d")  # noqa: TRY004 # pydantic reports ValueError only
    compact = value.replace(" ", "")
    if not compact or _DURATION.sub("", compact):
        raise ValueError(f"'{value}' is not a duration; write 90s, 10m, 3h, 50d or 1h30m")
    return timedelta(seconds=sum(float(n) * _UNITS[unit] for n, unit in _DURATION.findall(compact)))


Duration = Annotated[timedelta, BeforeValidator(duration, json_schema_input_type=str)]


def in_language(text: Text, language: str, default: str) -> str:
    """Return the text in `language`, else in the shop's `default`, else whatever there is."""
    if isinstance(text, str):
        return text
    for wanted in (language, default):
        for code, words in text.items():
            if code == wanted:
                return words
    return next(iter(text.values()), "")


def all_variants(text: Text) -> tuple[str, ...]:
    """List every wording of a text, whatever the language."""
    return (text,) if isinstance(text, str) else tuple(text.values())
