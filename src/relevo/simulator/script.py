"""Scripted customers: YAML in, checked values out. Loads and checks only; `script_run` plays.

A script names people and what each does, in order. Every step is one word with its value:

    say: "hola"                         text; or {text, expects_reply, reply: true to quote the last message received}
    burst: ["quiero 2", "soy Ana"]      several texts without waiting in between
    wait_reply: {timeout: 10s, quiet: 2s}
    pause: 3s                           seconds, `ms`, `s` or `m`; divided by the speed of the run
    tap: {title: "2 bolsas"}            a button, else a list row, by title or id; typed instead if nothing offers it
    image | audio | video | document | sticker: {caption, expects_reply}
    location: {latitude, longitude, name}
    react: "👍"                          to the last message received
    repeat: 2                           the platform repeats the last webhook that many times
    owner: "Hola, soy la dueña"         the owner writes from the phone (coexistence)
    expects: {says, not_says, any_of, none}   about the messages received since the last step that wrote
"""

from __future__ import annotations

import re
import unicodedata
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from relevo.errors import RelevoError

_DURATION = re.compile(r"^(\d+(?:\.\d+)?)\s*(ms|s|m)?$")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, None: 1.0}


class ScriptError(RelevoError):
    """A script does not load; the message names file and place."""

    code = "script"


def _duration(value: Any) -> Any:  # noqa: ANN401 - as YAML gave it; pydantic checks the rest
    if isinstance(value, str):
        match = _DURATION.match(value)
        if match is None:
            raise ValueError("a duration looks like 500ms, 2s or 1m")
        return float(match[1]) * _UNITS[match[2]]
    return value


Duration = Annotated[float, BeforeValidator(_duration), Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Say(_Part):
    """One text."""

    text: str = Field(min_length=1)
    expects_reply: bool = True
    reply: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:  # noqa: ANN401 - as YAML gave it
        return {"text": value} if isinstance(value, str) else value


class WaitReply(_Part):
    """Wait for a reply, then until nothing more comes for `quiet`."""

    timeout: Duration = 30.0
    quiet: Duration = 2.0


class Tap(_Part):
    """A button or row, by title or id."""

    title: str | None = None
    id: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Tap:
        if (self.title is None) == (self.id is None):
            raise ValueError("exactly one of title and id")
        return self


class MediaStep(_Part):
    """A file."""

    caption: str | None = None
    expects_reply: bool = True


class Place(_Part):
    """A location."""

    latitude: float
    longitude: float
    name: str | None = None


class Expects(_Part):
    """What the messages since the last step that wrote must look like; upper and lower case are the same."""

    says: str | None = None
    any_of: list[str] | None = None
    not_says: str | None = None
    none: bool = False
    """Nothing came at all."""


class Step(_Part):
    """Exactly one thing a customer does."""

    say: Say | None = None
    burst: list[Say] | None = Field(default=None, min_length=1)
    wait_reply: WaitReply | None = None
    pause: Duration | None = None
    tap: Tap | None = None
    image: MediaStep | None = None
    audio: MediaStep | None = None
    video: MediaStep | None = None
    document: MediaStep | None = None
    sticker: MediaStep | None = None
    location: Place | None = None
    react: str | None = None
    repeat: int | None = Field(default=None, ge=1, le=10)
    owner: str | None = None
    expects: Expects | None = None

    @model_validator(mode="after")
    def _one(self) -> Step:
        if len(self.model_fields_set) != 1:
            raise ValueError("a step does exactly one thing")
        return self

    @property
    def verb(self) -> str:
        """Which thing."""
        return next(iter(self.model_fields_set))


class Person(_Part):
    """One scripted customer."""

    name: str
    about: str = ""
    starts: Duration = 0.0
    """Seconds after the beginning of the run."""
    phone: bool = True
    """False: known by a business-scoped id and a username only."""
    username: str | None = None
    country: str = Field(default="CO", pattern=r"^[A-Z]{2}$")
    referral: dict[str, Any] | None = None
    """The ad the first message came from."""
    does: list[Step] = Field(min_length=1)


class Script(_Part):
    """A whole cast."""

    script: str
    about: str = ""
    pace: Duration = 1.0
    """Pause before each step that writes; divided by the speed of the run."""
    people: list[Person] = Field(min_length=1)


def load_script(source: str | Path) -> Script:
    """Load a shipped script by name (`mañana`, accents optional) or any other by path. Raises `ScriptError`."""
    path = Path(source)
    if path.suffix in {".yaml", ".yml"}:
        try:
            return parse_script(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise ScriptError(f"{path}: {error}") from error
    folder = resources.files("relevo.simulator") / "scripts"
    wanted = _plain(str(source))
    for file in folder.iterdir():
        if file.name == f"{wanted}.yaml":
            return parse_script(file.read_text(encoding="utf-8"), file.name)
    known = ", ".join(
        sorted(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml"))
    )
    raise ScriptError(f"no script called {source}; there are: {known}")


def parse_script(text: str, name: str) -> Script:
    """Check a script's YAML. Raises `ScriptError` naming every wrong place as `name: people[3].does[0].tap: …`."""
    try:
        data: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ScriptError(f"{name}: {error}") from error
    try:
        return Script.model_validate(data)
    except ValidationError as error:
        lines = [f"{name}: {_place(item['loc'])}: {item['msg']}" for item in error.errors()]
        raise ScriptError("\n".join(lines)) from error


def _place(location: tuple[int | str, ...]) -> str:
    place = ""
    for part in location:
        place += f"[{part}]" if isinstance(part, int) else f".{part}"
    return place.lstrip(".") or "top"


def _plain(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c))
