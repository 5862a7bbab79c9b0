"""List and search at 100,000 conversations and five million messages of one shop.

`python bench/inbox.py` asks the API in-process, over its own Postgres, one request at a time, and ends with the
promises kept and broken (exit code 1 if any was broken). The installation is made once (some minutes) and kept.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import gc
import json
import random
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import httpx2
from inbox_rows import big_inbox
from rich.console import Console
from rich.table import Table
from spine.shop import SECRET_KEY, SHOP

from relevo.app import Relevo
from relevo.crm.workspaces import create_token
from relevo.settings import Settings
from relevo.store.embedded import attach_sync
from relevo.store.secrets import SecretBox
from relevo.web.api.paging import cursor_after

if TYPE_CHECKING:
    from collections.abc import Callable

P99_MS = 100.0
"""Promised for each kind of request."""
CONVERSATIONS, EACH = 100_000, 50
console = Console(stderr=True)


def kinds(dice: random.Random) -> dict[str, Callable[[], tuple[str, dict[str, Any]]]]:
    """Make requests of the inbox, each with other values every time."""
    now = dt.datetime.now(dt.UTC)

    def conversation() -> str:
        return f"01930002-0000-7000-8000-{dice.randrange(CONVERSATIONS):012x}"

    def deep() -> str:
        return cursor_after(now - dt.timedelta(seconds=dice.randrange(CONVERSATIONS)), conversation())

    def listing(**parameters: str) -> Callable[[], tuple[str, dict[str, Any]]]:
        return lambda: ("/conversations", {"limit": 50, **parameters})

    def searching(*words: str) -> Callable[[], tuple[str, dict[str, Any]]]:
        return lambda: ("/search", {"q": dice.choice(words)})

    def number() -> str:
        return f"3000{dice.randrange(CONVERSATIONS):06}"

    def message() -> str:
        which = dice.randrange(CONVERSATIONS) * EACH + dice.randrange(EACH)
        return f"01930003-0000-7000-8000-{which:012x}"

    def around() -> tuple[str, dict[str, Any]]:
        one = message()
        about = int(one.rsplit("-", maxsplit=1)[1], 16) // EACH
        return f"/conversations/01930002-0000-7000-8000-{about:012x}/messages", {"around": one}

    return {
        "list: newest": listing(),
        "list: deep": lambda: ("/conversations", {"limit": 50, "cursor": deep()}),
        **{f"list: {name}": listing(filter=name) for name in ("mine", "unassigned", "agent", "tasks", "unread")},
        "list: unread, nothing is": lambda: ("/conversations", {"filter": "unread", "member_id": _member(2)}),
        "conversations by id (50)": lambda: ("/conversations", {"ids": [conversation() for _ in range(50)]}),
        "messages: newest": lambda: (f"/conversations/{conversation()}/messages", {}),
        "messages: around one": around,
        "search: words of every message": searching("hola", "quiero", "precio", "el", "p"),
        "search: two common words": searching("hola precio", "quiero café", "gracias libra"),
        "search: rare word": lambda: ("/search", {"q": f"calle{dice.randrange(5, 12)} color{dice.randrange(3, 9)}"}),
        "search: no such word": lambda: ("/search", {"q": f"zyx{dice.randrange(10**6)}"}),
        "search: beginning of a word": searching("dis", "tra", "med", "pue", "pao"),
        "search: name": searching("camilo", "lucia p", "andres pa", "valentina"),
        "search: number": lambda: (
            "/search",
            {"q": number()[: dice.randrange(5, 11)]},
        ),
        "search: last digits": lambda: ("/search", {"q": f"{dice.randrange(10**5):05}"}),
    }


def _member(number: int) -> str:
    return f"01930004-0000-7000-8000-{number:012x}"


async def ask(url: str, *, requests: int, seed: int) -> dict[str, tuple[float, float, float]]:
    """Measure each kind of request; returns p50, p99 and the worst, in milliseconds."""
    relevo = Relevo(Settings(), database_url=url, secrets=SecretBox(SECRET_KEY), agents=None)  # pyright: ignore[reportArgumentType] - no turn runs here
    async with relevo.database.transaction() as connection:
        token = await create_token(connection, SHOP, "bench")
    headers = {"Authorization": f"Bearer {token}", "Relevo-Member": _member(1)}
    transport = httpx2.ASGITransport(app=relevo.web())
    found: dict[str, tuple[float, float, float]] = {}
    gc.collect()
    gc.freeze()  # as a service does when it is ready
    async with httpx2.AsyncClient(transport=transport, base_url="http://bench/api/v1", headers=headers) as http:
        for name, make in kinds(random.Random(seed)).items():
            waits: list[float] = []
            for number in range(requests + 20):
                path, parameters = make()
                begun = time.perf_counter()
                answer = await http.get(path, params=parameters)
                if number >= 20:  # the first ones find caches and plans cold
                    waits.append((time.perf_counter() - begun) * 1000)
                answer.raise_for_status()
            waits.sort()
            found[name] = (median(waits), waits[int(len(waits) * 0.99)], waits[-1])
            console.print(f"[dim]{name}: p50 {found[name][0]:.1f} ms, p99 {found[name][1]:.1f} ms[/dim]")
    await relevo.stop()
    return found


def main() -> int:
    """Measure and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, default=Path("/var/tmp/relevo-bench"))
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with attach_sync(options.data_dir) as attached:
        url = big_inbox(
            attached.url, "bench_inbox", conversations=CONVERSATIONS, each=EACH,
            tell=lambda text: console.print(f"[dim]{text}[/dim]"),
        )  # fmt: skip
        waits = asyncio.run(ask(url, requests=options.requests, seed=options.seed))
    table = Table(title=f"{CONVERSATIONS:,} conversations, {CONVERSATIONS * EACH:,} messages; ms")
    for name in ("request", "p50", "p99", "worst", f"p99 ≤ {P99_MS:.0f}"):
        table.add_column(name)
    for name, (p50, p99, worst) in waits.items():
        table.add_row(name, f"{p50:.1f}", f"{p99:.1f}", f"{worst:.1f}", "kept" if p99 <= P99_MS else "BROKEN")
    Console().print(table)
    results = Path(__file__).parent / "results" / f"inbox-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}.json"
    results.write_text(json.dumps(waits, indent=1))
    return 0 if all(p99 <= P99_MS for _, p99, _ in waits.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
