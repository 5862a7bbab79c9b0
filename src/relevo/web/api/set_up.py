"""`/set-up`: the first user, by the code the server printed when it started."""

from fastapi import APIRouter, Request, Response, status
from pydantic import BaseModel, Field

from relevo.crm.passwords import LONGEST, SHORTEST
from relevo.crm.set_up import set_up
from relevo.web.api.access import Parts
from relevo.web.api.session import Session, UserAgent, describe

router = APIRouter(tags=["sign-in"])


class FirstUser(BaseModel):
    """The first owner, and their shop: a new one, or one that was made on the command line."""

    code: str = Field(max_length=100)
    workspace: str = Field(min_length=1, max_length=200)
    name: str = Field(min_length=1, max_length=200)
    email: str = Field(max_length=254)
    password: str = Field(min_length=SHORTEST, max_length=LONGEST)


@router.post("/set-up", status_code=status.HTTP_201_CREATED)
async def create_first_user(
    form: FirstUser, parts: Parts, request: Request, response: Response, user_agent: UserAgent = ""
) -> Session:
    """Create the first user, and sign them in. 404: the code is not valid; 409: there is a user already."""
    opened = await set_up(
        parts.database,
        form.code.strip(),
        workspace=form.workspace,
        name=form.name,
        email=form.email,
        password=form.password,
        user_agent=user_agent,
    )
    parts.site.set_session(request, response, opened.token)
    async with parts.database.reading() as connection:
        return await describe(connection, opened.user_id, opened.id)
