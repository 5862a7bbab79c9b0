"""`/oidc`: signing in at the shop's own provider. Browsers come here by links, so every answer leads to a page."""

import hmac
import secrets
import time
from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ValidationError

from relevo.crm.verified_sign_in import admit_verified
from relevo.errors import ForbiddenError, InvalidRequestError, NotFoundError, SecretError
from relevo.web.api.access import Parts, Services
from relevo.web.api.session import UserAgent
from relevo.web.oidc_provider import OidcProvider, Proved, ProviderError
from relevo.web.site import Provider

router = APIRouter(prefix="/oidc", tags=["sign-in"])

COOKIE = "relevo_oidc"
SECONDS = 600
"""How long somebody may take at the provider."""
_CALLBACK = "/api/v1/oidc/callback"
_SEE_OTHER = 303
Trouble = Literal["oidc_failed", "oidc_unverified", "oidc_unknown"]

log = structlog.get_logger(__name__)


class Flow(BaseModel):
    """What a browser carries, encrypted, while it is at the provider."""

    purpose: Literal["oidc"] = "oidc"
    state: str
    nonce: str
    verifier: str
    until: float


class Returned(BaseModel):
    """What the provider sends the browser back with."""

    code: str = ""
    state: str = ""
    iss: str | None = None
    error: str | None = None


@router.get("/start", response_class=RedirectResponse, status_code=_SEE_OTHER)
async def start(parts: Parts, request: Request) -> RedirectResponse:
    """Send the browser to the provider. 404: none is set up."""
    provider = _provider(parts)
    flow = Flow(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        until=time.time() + SECONDS,
    )
    try:
        url = await OidcProvider(provider).authorization_url(
            redirect_uri=parts.site.url(request, _CALLBACK), state=flow.state, nonce=flow.nonce, verifier=flow.verifier
        )
    except ProviderError as error:
        return _back(parts, request, "oidc_failed", str(error))
    answer = RedirectResponse(url, _SEE_OTHER)
    parts.site.set_cookie(request, answer, COOKIE, parts.secrets.seal(flow.model_dump_json()).decode(), SECONDS)
    return answer


@router.get("/callback", response_class=RedirectResponse, status_code=_SEE_OTHER)
async def callback(
    parts: Parts, request: Request, returned: Annotated[Returned, Query()], user_agent: UserAgent = ""
) -> RedirectResponse:
    """Take the browser back: signed in, to the inbox; otherwise to `/sign-in?error=…`, which says why."""
    provider = _provider(parts)
    try:
        proved = await _prove(parts, request, provider, returned)
    except ProviderError as error:
        return _back(parts, request, "oidc_failed", str(error))
    if not proved.verified:
        return _back(parts, request, "oidc_unverified", "the provider has not verified this address")
    try:
        async with parts.database.transaction() as connection:
            opened = await admit_verified(
                connection, proved.email, proved.name, user_agent, instead_of=parts.site.session_token(request)
            )
    except (ForbiddenError, InvalidRequestError) as error:
        return _back(parts, request, "oidc_unknown", str(error))
    answer = RedirectResponse("/", _SEE_OTHER)
    parts.site.set_cookie(request, answer, COOKIE, "", 0)
    parts.site.set_session(request, answer, opened.token)
    return answer


async def _prove(parts: Services, request: Request, provider: Provider, returned: Returned) -> Proved:
    flow = _flow(parts, request)
    if flow is None or not hmac.compare_digest(flow.state.encode(), returned.state.encode()):
        raise ProviderError("This answer belongs to no sign-in that this browser began.")
    if returned.iss is not None and returned.iss.rstrip("/") != provider.issuer:
        raise ProviderError(f"This answer comes from {returned.iss!r}.")  # RFC 9207: a mix-up of providers
    if returned.error is not None or not returned.code:
        raise ProviderError(f"The provider refused: {returned.error}")
    return await OidcProvider(provider).prove(
        code=returned.code,
        redirect_uri=parts.site.url(request, _CALLBACK),
        nonce=flow.nonce,
        verifier=flow.verifier,
    )


def _flow(parts: Services, request: Request) -> Flow | None:
    sealed = request.cookies.get(parts.site.cookie_name(request, COOKIE), "")
    try:
        flow = Flow.model_validate_json(parts.secrets.open(sealed.encode()))
    except (SecretError, ValidationError):
        return None
    return flow if flow.until > time.time() else None


def _provider(parts: Services) -> Provider:
    if parts.site.provider is None:
        raise NotFoundError("No OpenID Connect provider is set up here.")
    return parts.site.provider


def _back(parts: Services, request: Request, trouble: Trouble, why: str) -> RedirectResponse:
    log.warning("signing in through the provider failed", trouble=trouble, why=why)
    answer = RedirectResponse(f"/sign-in?error={trouble}", _SEE_OTHER)
    parts.site.set_cookie(request, answer, COOKIE, "", 0)
    return answer
