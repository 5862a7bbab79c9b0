"""Encryption of channel secrets at rest."""

from __future__ import annotations

import base64
import os
import secrets
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from relevo.errors import ConfigurationError, SecretError

if TYPE_CHECKING:
    from pathlib import Path

    from relevo.settings import Settings

MIN_KEY_LENGTH = 16
KEY_FILE = "secret.key"


class SecretBox:
    """Encrypts and decrypts with a key derived from SECRET_KEY (HKDF-SHA256, then Fernet: AES-128-CBC with HMAC)."""

    def __init__(self, secret_key: str) -> None:
        derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"relevo channel secrets").derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def __repr__(self) -> str:
        """Never show the key."""
        return "SecretBox()"

    def seal(self, secret: str) -> bytes:
        """Encrypt."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """Decrypt.

        Raises:
            SecretError: written with another SECRET_KEY, or damaged.

        """
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise SecretError(
                "A stored secret cannot be read: RELEVO_SECRET_KEY differs from the one it was written with. "
                "Set the old key again, or add the channel anew."
            ) from None


def secret_box(settings: Settings, data_dir: Path) -> SecretBox:
    """Build the box from SECRET_KEY or, on one machine with the embedded Postgres, from a key kept beside the data.

    Raises:
        ConfigurationError: no usable key where one is required.

    """
    if settings.secret_key is not None:
        key = settings.secret_key.get_secret_value()
        if len(key) < MIN_KEY_LENGTH:
            raise ConfigurationError(
                f"RELEVO_SECRET_KEY is too short: use {MIN_KEY_LENGTH} characters or more, e.g. `openssl rand -hex 32`."
            )
        return SecretBox(key)
    if settings.is_production:
        raise ConfigurationError(
            "RELEVO_SECRET_KEY is not set. It encrypts the channels' tokens; with a database server of your own or a "
            "public host it must be yours and kept: `openssl rand -hex 32`."
        )
    return SecretBox(_local_key(data_dir))


def _local_key(data_dir: Path) -> str:
    """Read the key beside the embedded data, making it on first use. A half-written key can never be read."""
    path = data_dir / KEY_FILE
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        draft = data_dir / f".{KEY_FILE}.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(descriptor)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
