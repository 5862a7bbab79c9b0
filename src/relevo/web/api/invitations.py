"""`/invitations` and `/password-resets`: the links handed to people, and what they do."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response, status
from pydantic import BaseModel, Field

from relevo.crm.invitations import accept_as_new, accept_as_user, invite, look_at_invitation, reset_password
from relevo.crm.members import Role, add_member, find_member
from relevo.crm.one_time_links import look_at_link
from relevo.crm.passwords import LONGEST, SHORTEST
from relevo.errors import ForbiddenError, InvalidRequestError
from relevo.web.api.access import Admin, Db, Parts, signed_in
from relevo.web.api.session import Session, UserAgent, describe

router = APIRouter(tags=["sign-in"])

Token = Annotated[str, Path(max_length=100)]


class NewInvitation(BaseModel):
    """Whom to invite; a member already, they get a new link and stay as they are."""

    email: str = Field(max_length=254)
    name: str = Field(default="", max_length=200)
    role: Role = "agent"


class InvitationMade(BaseModel):
    """The link to hand over. It works once, for a week."""

    member_id: uuid.UUID
    link: str


class InvitationShown(BaseModel):
    """What somebody is invited to."""

    email: str
    name: str
    role: Role
    workspace: str
    has_account: bool = Field(description="There is an account for this address: sign in with it, then accept.")


class Acceptance(BaseModel):
    """How it is accepted: signed in already, with nothing; otherwise with a password for the new account."""

    name: str | None = Field(default=None, max_length=200)
    password: str | None = Field(default=None, min_length=SHORTEST, max_length=LONGEST)


class PasswordForm(BaseModel):
    """A new password."""

    password: str = Field(min_length=SHORTEST, max_length=LONGEST)


@router.post("/invitations", status_code=status.HTTP_201_CREATED)
async def create_invitation(form: NewInvitation, me: Admin, parts: Parts, request: Request) -> InvitationMade:
    """Invite somebody: they become a member, and the link lets them sign in. 409: they sign in here already."""
    async with parts.database.transaction() as connection:
        member_id = await find_member(connection, me.workspace_id, form.email)
        if member_id is None:
            if form.role == "owner" and me.role != "owner":
                raise ForbiddenError("Only a signed-in owner of the shop makes others owners.")
            member_id = await add_member(connection, me.workspace_id, email=form.email, name=form.name, role=form.role)
        token = await invite(connection, me.workspace_id, member_id)
    return InvitationMade(member_id=member_id, link=parts.site.url(request, f"/invitations/{token}"))


@router.get("/invitations/{token}")
async def get_invitation(token: Token, db: Db) -> InvitationShown:
    """Tell what an invitation is for; 404: it does not work (any more)."""
    async with db.reading() as connection:
        found = await look_at_invitation(connection, token)
    return InvitationShown(
        email=found.email,
        name=found.name,
        role=found.role,
        workspace=found.workspace,
        has_account=found.has_account,
    )


@router.post("/invitations/{token}")
async def accept_invitation(
    token: Token, form: Acceptance, parts: Parts, request: Request, response: Response, user_agent: UserAgent = ""
) -> Session:
    """Accept an invitation, and be signed in. 409: this address has an account: sign in first; 404: no such link."""
    if form.password is None:
        user = await signed_in(request, parts)
        async with parts.database.transaction() as connection:
            await accept_as_user(connection, token, user.user_id)
            return await describe(connection, user.user_id, user.session_id)
    if form.name is not None and not form.name.strip():
        raise InvalidRequestError("A name cannot be blank.")
    opened = await accept_as_new(
        parts.database, token, name=form.name, password=form.password, user_agent=user_agent,
        instead_of=parts.site.session_token(request),
    )  # fmt: skip
    parts.site.set_session(request, response, opened.token)
    async with parts.database.reading() as connection:
        return await describe(connection, opened.user_id, opened.id)


@router.get("/password-resets/{token}", status_code=status.HTTP_204_NO_CONTENT)
async def get_password_reset(token: Token, db: Db) -> Response:
    """Tell whether a link for a new password works; 404: it does not (any more)."""
    async with db.reading() as connection:
        await look_at_link(connection, "password_reset", token)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/password-resets/{token}", status_code=status.HTTP_204_NO_CONTENT)
async def create_password(token: Token, form: PasswordForm, db: Db) -> Response:
    """Choose a new password by link; every browser is signed out. Then sign in with it."""
    await reset_password(db, token, form.password)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
