"""What the agent remembers in a session. Never what was said: that is read from the history of accepted messages."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VERSION = 1


@dataclass(slots=True)
class SessionState:
    """The session, mutable while a turn is being decided, JSON between turns."""

    slots: dict[str, str] = field(default_factory=dict[str, str])
    """What the customer said, normalised."""
    flow: str | None = None
    flow_started: str = ""
    """When the flow under way began, ISO 8601: what was said before does not count as its steps."""
    finished: list[str] = field(default_factory=list[str])
    stage: str | None = None
    language: str | None = None
    confirmed: str | None = None
    """Digest of the order the customer said yes to."""
    intents: dict[str, int] = field(default_factory=dict[str, int])
    last_intent: str | None = None
    same_intent: int = 0
    failed_turns: int = 0
    retries: dict[str, int] = field(default_factory=dict[str, int])
    declined: str = ""
    """When the question was put that the customer said no to: it is open no longer."""
    acknowledged: bool = False
    """The last thing the customer wrote needed no answer."""
    echoes: int = 0
    offered: dict[str, str] = field(default_factory=dict[str, str])
    """Candidates of the last clarification: intent to title."""
    planned: dict[str, str] = field(default_factory=dict[str, str])
    """Follow-ups planned and not fired: id to the time they are due."""
    fired: list[str] = field(default_factory=list[str])
    last_messages: list[str] = field(default_factory=list[str])
    before: dict[str, Any] | None = None
    """The state before the last turn, for when its messages come again because nothing of its answer was sent."""

    @classmethod
    def load(cls, data: Mapping[str, Any], message_ids: Iterable[str]) -> SessionState:
        """Read what the last decision left; a turn that is decided again starts from where it started then."""
        ids = set(message_ids)
        if data.get("v") != VERSION:
            return cls(last_messages=list(ids))
        before = cast("dict[str, Any] | None", data.get("before"))
        if before is not None and ids & set(cast("list[str]", data.get("last_messages", []))):
            data = before
        known = {name: copy.deepcopy(data[name]) for name in cls.__slots__ if name in data}
        state = cls(**known)
        state.before = {k: copy.deepcopy(v) for k, v in data.items() if k != "before"}
        state.last_messages = list(ids)
        return state

    def dump(self) -> dict[str, Any]:
        """Write JSON, leaving out what is empty."""
        out: dict[str, Any] = {"v": VERSION}
        for name in self.__slots__:
            value = getattr(self, name)
            if value or name == "before":
                out[name] = copy.deepcopy(value)
        out["last_messages"] = sorted(self.last_messages)
        if self.before is None:
            out["before"] = {"v": VERSION}
        return out
