"""Hand-written SQL lives in `.sql` files beside the code that runs it; this reads them, once."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def sql_file(package: str, name: str) -> str:
    """Return the text of `name`.sql in `package`'s folder `sql`."""
    return (resources.files(package) / "sql" / f"{name}.sql").read_text(encoding="utf-8")
