"""Where people reach this installation, and the cookies that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relevo.crm.sessions import LONGEST

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from relevo.settings import Settings

_NAME = "relevo_session"
_HOST_PREFIX = "__Host-"
"""A browser takes such a cookie only from https, for this very host and all of it (RFC 6265bis 4.1.3.2)."""


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID Connect provider, as the operator named it."""

    issuer: str
    client_id: str
    client_secret: str
    name: str


@dataclass(frozen=True, slots=True)
class Site:
    """The installation as seen from outside."""

    public_url: str | None = None
    """Without a trailing slash; None: as the request came in."""
    provider: Provider | None = None

    @classmethod
    def of(cls, settings: Settings) -> Site:
        """Read the settings."""
        provider = None
        if settings.oidc_issuer and settings.oidc_client_id:
            secret = settings.oidc_client_secret
            provider = Provider(
                settings.oidc_issuer.rstrip("/"),
                settings.oidc_client_id,
                secret.get_secret_value() if secret else "",
                settings.oidc_name,
            )
        return cls(settings.public_url.rstrip("/") if settings.public_url else None, provider)

    def url(self, request: Request, path: str) -> str:
        """Return the full address of a path."""
        return (self.public_url or str(request.base_url).rstrip("/")) + path

    def is_https(self, request: Request) -> bool:
        """Whether browsers come by https, maybe through a proxy."""
        return (self.public_url or str(request.base_url)).startswith("https:")

    def cookie_name(self, request: Request, name: str = _NAME) -> str:
        """Return a cookie's name, bound to the host where that is possible."""
        return f"{_HOST_PREFIX}{name}" if self.is_https(request) else name

    def session_token(self, request: Request) -> str | None:
        """Return what the browser says its session is."""
        return request.cookies.get(self.cookie_name(request)) or None

    def set_session(self, request: Request, response: Response, token: str) -> None:
        """Give the browser its session."""
        self.set_cookie(request, response, _NAME, token, int(LONGEST.total_seconds()))

    def drop_session(self, request: Request, response: Response) -> None:
        """Take the session out of the browser."""
        self.set_cookie(request, response, _NAME, "", 0)

    def set_cookie(self, request: Request, response: Response, name: str, value: str, seconds: int) -> None:
        """Set a cookie that no script reads and no other site sends along with a form."""
        response.set_cookie(
            self.cookie_name(request, name),
            value,
            max_age=seconds,
            path="/",
            secure=self.is_https(request),
            httponly=True,
            samesite="lax",
        )
