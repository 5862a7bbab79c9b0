"""Media the simulated customers send: kept in memory, handed out through short-lived URLs. Never touches the disk."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass

from relevo.simulator.ids import media_id

URL_SECONDS = 300
"""How long a download URL lives (Cloud API, media reference)."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One uploaded file."""

    id: str
    mime_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Hex, as the media endpoint gives it."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def sha256_base64(self) -> str:
        """Base64, as webhooks give it."""
        return base64.b64encode(hashlib.sha256(self.content).digest()).decode()


class MediaShelf:
    """All media of a simulator."""

    def __init__(self) -> None:
        self._files: dict[str, MediaFile] = {}
        self._grants: dict[str, tuple[str, float]] = {}

    def add(self, mime_type: str, content: bytes) -> MediaFile:
        """Keep a file under a new id."""
        file = MediaFile(media_id(), mime_type, content)
        self._files[file.id] = file
        return file

    def get(self, file_id: str) -> MediaFile | None:
        """Return the file of that id."""
        return self._files.get(file_id)

    def forget(self) -> None:
        """Throw all files away, as WhatsApp does after some days."""
        self._files.clear()

    def grant(self, file: MediaFile, now: float) -> str:
        """Return the query of a new download URL; works until `now + URL_SECONDS`."""
        token = secrets.token_urlsafe(12)
        self._grants[token] = (file.id, now + URL_SECONDS)
        return f"mid={file.id}&ext={int(now + URL_SECONDS)}&hash={token}"

    def redeem(self, token: str, now: float) -> MediaFile | None:
        """Return the file a download URL stands for; None when the URL is unknown or too old."""
        file_id, until = self._grants.get(token, ("", 0.0))
        return self._files.get(file_id) if now < until else None
