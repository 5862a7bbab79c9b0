"""Placeholders in texts (`{facts.envio}`, `{price:bolsa2}`): found and filled. Does not know what they mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([a-z_][a-zA-Z0-9_.]*(?::[a-zA-Z0-9_]+)?)\}")
_STRAY = re.compile(r"[{}]")


def placeholders(text: str) -> tuple[str, ...]:
    """List what a text refers to, in order."""
    return tuple(m.group(1) for m in _PLACEHOLDER.finditer(text) if m.group(1))


def stray_brace(text: str) -> bool:
    """Tell whether a brace is left that is neither a placeholder nor doubled."""
    return bool(_STRAY.search(_PLACEHOLDER.sub("", text)))


def fill(text: str, value: Callable[[str], str]) -> str:
    """Replace each placeholder by its value; `{{` and `}}` become single braces."""

    def one(match: re.Match[str]) -> str:
        name = match.group(1)
        return value(name) if name else match.group(0)[0]

    return _PLACEHOLDER.sub(one, text)


def asked_slot(text: str) -> str | None:
    """Name the slot whose question the text puts (`{slots.pack.ask}`), if it puts one."""
    for name in placeholders(text):
        parts = name.split(".")
        if parts[0] == "slots" and parts[-1] == "ask" and len(parts) == 3:  # noqa: PLR2004 # slots.<name>.ask
            return parts[1]
    return None
