"""What is only read here: contacts, orders."""

import uuid
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from relevo.errors import NotFoundError
from relevo.store.database import fetch_all
from relevo.store.sql_files import sql_file
from relevo.web.api.access import Caller, Db, Me
from relevo.web.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, page, place

router = APIRouter()


class Wanted(BaseModel):
    """Which page."""

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor = None


class ContactsWanted(Wanted):
    """Which contacts."""

    q: str | None = None
    tag: str | None = None


class OrdersWanted(Wanted):
    """Which orders."""

    conversation_id: uuid.UUID | None = None
    status: str | None = None


class Contact(BaseModel):
    """A customer."""

    id: uuid.UUID
    name: str | None
    tags: list[str]
    fields: dict[str, Any]
    identities: list[dict[str, str]]
    opted_out_at: datetime | None
    marketing_opted_out_at: datetime | None
    created_at: datetime


class Order(BaseModel):
    """An order; amounts in minor units of its currency."""

    id: uuid.UUID
    number: int
    conversation_id: uuid.UUID
    status: str
    lines: list[dict[str, Any]]
    total: int
    currency: str
    fields: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None


async def _rows(db: Db, me: Caller, name: str, **parameters: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - parameters of any type
    async with db.reading() as connection:
        wanted = {**parameters, "workspace": me.workspace_id}
        return list(await fetch_all(connection, sql_file("relevo.web.api", name), wanted))


@router.get("/contacts", tags=["contacts"])
async def list_contacts(me: Me, db: Db, wanted: Annotated[ContactsWanted, Query()]) -> Page[Contact]:
    """List customers, newest first."""
    rows = await _rows(
        db,
        me,
        "contacts",
        limit=wanted.limit + 1,
        one=None,
        search=f"%{wanted.q.replace('%', '').replace('_', '')}%" if wanted.q else None,
        tag=wanted.tag,
        **place(wanted.cursor, "created_at", "id"),
    )
    return page(rows, wanted.limit, Contact, "created_at", "id")


@router.get("/contacts/{contact_id}", tags=["contacts"])
async def get_contact(contact_id: uuid.UUID, me: Me, db: Db) -> Contact:
    """Show one."""
    nothing = dict.fromkeys(("search", "tag", "after_created_at", "after_id"))
    rows = await _rows(db, me, "contacts", limit=1, one=contact_id, **nothing)
    return Contact.model_validate(_only(rows, f"There is no contact {contact_id}."))


@router.get("/orders", tags=["orders"])
async def list_orders(me: Me, db: Db, wanted: Annotated[OrdersWanted, Query()]) -> Page[Order]:
    """List orders, newest first."""
    rows = await _rows(
        db,
        me,
        "orders",
        limit=wanted.limit + 1,
        one=None,
        conversation=wanted.conversation_id,
        status=wanted.status,
        **place(wanted.cursor, "number"),
    )
    return page(rows, wanted.limit, Order, "number")


@router.get("/orders/{order_id}", tags=["orders"])
async def get_order(order_id: uuid.UUID, me: Me, db: Db) -> Order:
    """Show one."""
    nothing = dict.fromkeys(("conversation", "status", "after_number"))
    rows = await _rows(db, me, "orders", limit=1, one=order_id, **nothing)
    return Order.model_validate(_only(rows, f"There is no order {order_id}."))


def _only(rows: list[dict[str, Any]], otherwise: str) -> dict[str, Any]:
    if not rows:
        raise NotFoundError(otherwise)
    return rows[0]
