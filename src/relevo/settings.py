"""Settings from the environment (prefix `RELEVO_`). Vendors' own variables keep their names, read by their SDKs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from relevo.errors import ConfigurationError

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Settings(BaseSettings):
    """What an operator may set. Everything a shop decides lives in the database instead."""

    model_config = SettingsConfigDict(env_prefix="RELEVO_", frozen=True, extra="ignore")

    database_url: SecretStr | None = None
    """`postgresql://…`; unset: the embedded Postgres under `data_dir`."""
    database_pooled: bool = False
    """`database_url` leads to a pooler in transaction mode, such as PgBouncer."""
    database_direct_url: SecretStr | None = None
    """The server itself, beside a pooler: for LISTEN and migrations. Without it, wake-ups are found by polling."""
    data_dir: Path | None = None
    """Where the embedded Postgres and the local key live; unset: the platform's place for application data."""
    engine: Literal["local", "inngest"] = "local"
    secret_key: SecretStr | None = None
    """Encrypts channel secrets at rest. Required with `database_url` or a public `host`."""
    model: str = ""
    """`anthropic:…` or `openai:…`; several separated by commas form a fallback chain; empty: offline."""
    whatsapp_api_url: str | None = None
    """Override of the provider's base URL (the simulator's, or a proxy's)."""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str | None = Field(default=None, pattern=r"^https?://[^/\s]+/?$")
    """`https://inbox.example.com`: where people reach the inbox. Links and cookies follow it; unset: as they came."""
    oidc_issuer: str | None = None
    """`https://id.example.com`: an OpenID Connect provider that members may sign in with."""
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_name: str = "SSO"
    """What the sign-in page calls the provider."""
    log_format: Literal["console", "json"] = "json"
    database_pool: int = Field(default=10, ge=2, le=200)
    """Connections per process."""
    worker_runs: int = Field(default=4000, ge=1, le=100_000)
    """Runs one worker keeps in flight; waiting for a model costs one asyncio task each."""
    lease_seconds: float = Field(default=15.0, gt=0.2, le=25)
    """How long a worker may be silent before another takes over its runs."""
    settle_seconds: float = Field(default=30.0, gt=0)
    """How long to wait for a status of a message whose sending had an unknown outcome before deciding by policy."""
    delivery_retention_days: int = Field(default=30, ge=1)
    """How long raw webhook bodies are kept."""

    @property
    def is_production(self) -> bool:
        """Data on a shared server or a port others can reach: no made-up keys here."""
        return self.database_url is not None or self.host not in LOOPBACK


def load_settings() -> Settings:
    """Read the environment.

    Raises:
        ConfigurationError: a variable has a value that cannot be used; the message names it, never its value.

    """
    try:
        return Settings()
    except ValidationError as error:
        problems = "; ".join(
            f"RELEVO_{'.'.join(str(part) for part in item['loc']).upper()}: {item['msg']}" for item in error.errors()
        )
        raise ConfigurationError(f"Cannot use these settings: {problems}") from None
