"""What the supervisor tells attached processes through a small file. Says nothing that a lock could prove better."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from .layout import Layout

PORT = 5432  # only part of the socket's file name: nothing listens on TCP
ROLE = DATABASE = "relevo"


@dataclass(frozen=True, slots=True)
class Status:
    """The server as its supervisor sees it; `error` is why it is not ready, when known."""

    state: Literal["starting", "ready"]
    supervisor: int
    socket_dir: str = ""
    postmaster: int = 0
    durable: bool = True
    error: str = ""

    @property
    def socket(self) -> str:
        """The path of the server's unix socket."""
        return f"{self.socket_dir}/.s.PGSQL.{PORT}"


def write_status(layout: Layout, status: Status) -> None:
    """Replace the file in one step, so that a reader sees the old or the new one."""
    draft = layout.status.with_suffix(".new")
    draft.write_text(json.dumps(asdict(status)), encoding="utf-8")
    draft.replace(layout.status)


def clear_status(layout: Layout) -> None:
    """Say that no server is known."""
    layout.status.unlink(missing_ok=True)


def read_status(layout: Layout) -> Status | None:
    """Read the last word of a supervisor; `None` when there is none (or it comes from another version of Relevo)."""
    try:
        said: dict[str, Any] = json.loads(layout.status.read_text(encoding="utf-8"))
        return Status(**said)
    except (FileNotFoundError, ValueError, TypeError):
        return None
