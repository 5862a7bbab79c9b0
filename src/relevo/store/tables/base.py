"""Common ground of the tables: naming, types, the columns they share."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from sqlalchemy import DateTime, Double, ForeignKey, Integer, Interval, LargeBinary, MetaData, Text, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

NOW = sql("now()")
EMPTY_OBJECT = sql("'{}'::jsonb")
EMPTY_ARRAY = sql("'{}'::text[]")


class Xid8(UserDefinedType[int]):
    """A 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Name of the type in SQL."""
        return "xid8"


class Base(DeclarativeBase):
    """Common ground of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        int: Integer(),
        float: Double(),
        bytes: LargeBinary(),
        uuid.UUID: Uuid(),
        dt.datetime: DateTime(timezone=True),
        dt.timedelta: Interval(),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
        list[str]: ARRAY(Text()),
    }


def one_of(column: str, *values: str) -> str:
    """Write the SQL of a check that `column` holds one of `values`."""
    return f"{column} in ({', '.join(repr(value) for value in values)})"


def workspace_column() -> Mapped[uuid.UUID]:
    """Every row belongs to one workspace, and every query says which."""
    return mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))


def created_column() -> Mapped[dt.datetime]:
    """When the row was written, by the database's clock."""
    return mapped_column(server_default=NOW)
