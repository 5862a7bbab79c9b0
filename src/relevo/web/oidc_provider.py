"""An OpenID Connect provider over HTTP: code flow with PKCE. Says whose address was proved; decides nothing.

https://openid.net/specs/openid-connect-core-1_0.html (sections 3.1 and 5.7), RFC 7636, RFC 9207
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit

import httpx2
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from relevo.errors import RelevoError
from relevo.settings import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from relevo.web.site import Provider

SECONDS = 10
LEEWAY = 60
"""Seconds two clocks may differ."""
_SIGNATURES = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""By key pair only: with a shared secret, `none` or HMAC, whoever knows the client could sign."""
_OK = 200


class ProviderError(RelevoError):
    """The provider cannot be reached, or what it says cannot be believed."""

    code = "oidc"


@dataclass(frozen=True, slots=True)
class Proved:
    """What the provider vouches for."""

    email: str
    verified: bool
    name: str


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the provider's parts are."""

    authorization: str
    token: str
    keys: str


class OidcProvider:
    """One conversation with a provider. What it publishes is asked for each time, so that new keys count at once."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Return where to send the browser.

        Raises:
            ProviderError: the provider cannot be asked.

        """
        async with httpx2.AsyncClient(timeout=SECONDS) as http:
            endpoints = await self._discover(http)
        query = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        joint = "&" if urlsplit(endpoints.authorization).query else "?"
        return f"{endpoints.authorization}{joint}{urlencode(query)}"

    async def prove(self, *, code: str, redirect_uri: str, nonce: str, verifier: str) -> Proved:
        """Exchange the code for an ID token, and check it.

        Raises:
            ProviderError: refused, unreachable, or not to be believed.

        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._provider.client_id,
            "code_verifier": verifier,
        }
        if self._provider.client_secret:
            form["client_secret"] = self._provider.client_secret
        async with httpx2.AsyncClient(timeout=SECONDS) as http:
            endpoints = await self._discover(http)
            answer = await _json(http, "POST", endpoints.token, form)
            keys = await _json(http, "GET", endpoints.keys)
        claims = self._claims(str(answer.get("id_token", "")), keys, nonce, answer.get("access_token"))
        return Proved(
            email=str(claims.get("email", "")),
            verified=claims.get("email_verified") is True,
            name=str(claims.get("name", "")),
        )

    async def _discover(self, http: httpx2.AsyncClient) -> Endpoints:
        issuer = self._provider.issuer
        found = await _json(http, "GET", f"{issuer}/.well-known/openid-configuration")
        if str(found.get("issuer", "")).rstrip("/") != issuer:
            raise ProviderError(f"The provider calls itself {found.get('issuer')!r}, not {issuer!r}.")
        try:
            return Endpoints(*(str(found[key]) for key in ("authorization_endpoint", "token_endpoint", "jwks_uri")))
        except KeyError as missing:
            raise ProviderError(f"The provider does not say its {missing}.") from None

    def _claims(self, token: str, keys: Mapping[str, Any], nonce: str, access_token: object) -> Mapping[str, Any]:
        issuer, client = self._provider.issuer, self._provider.client_id
        options: dict[str, Any] = {
            "iss": {"essential": True, "values": [issuer, f"{issuer}/"]},
            "aud": {"essential": True, "value": client},
            "nonce": {"essential": True, "value": nonce},
        }
        params = {"nonce": nonce, "client_id": client, "access_token": access_token}
        try:
            decoded = jwt.decode(token, KeySet.import_key_set(cast("Any", keys)), algorithms=_SIGNATURES)
            claims = cast("Any", CodeIDToken)(decoded.claims, decoded.header, options, params)  # its types are partial
            claims.validate(leeway=LEEWAY)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise ProviderError(
                f"The provider's ID token cannot be believed ({type(error).__name__}: {error})."
            ) from None
        return cast("Mapping[str, Any]", claims)


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def _json(
    http: httpx2.AsyncClient, method: str, url: str, form: Mapping[str, str] | None = None
) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ProviderError(f"The provider must be reached by https: {url}")
    try:
        answer = await http.request(method, url, data=dict(form) if form else None)
        body: object = answer.json()
    except (httpx2.HTTPError, ValueError) as error:
        raise ProviderError(f"The provider cannot be asked ({type(error).__name__}).") from None
    if answer.status_code != _OK or not isinstance(body, dict):
        raise ProviderError(f"The provider refused ({answer.status_code}) at {parts.path}.")
    return cast("dict[str, Any]", body)
