"""Whatever arrives: nothing raises, nothing well-formed is lost, everything kept can be stored."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from relevo.whatsapp.parsing import parse
from relevo.whatsapp.updates import InboundMessage, ParsedDelivery, StatusUpdate, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

Json = dict[str, Any]
Path_ = tuple[Any, ...]
SAMPLES: dict[str, dict[str, Json]] = json.loads((Path(__file__).parent / "samples.json").read_text(encoding="utf-8"))
MESSAGES = list(SAMPLES["messages"].values())
STATUSES = list(SAMPLES["statuses"].values())
SYSTEM: Json = {
    "from": "573001234567",
    "id": "wamid.S",
    "timestamp": "1794000000",
    "type": "system",
    "system": {"type": "user_changed_user_id", "user_id": "CO.b", "previous_user_id": "CO.a", "wa_id": "573001234567"},
}
CONTACT: Json = {"profile": {"name": "Ana", "username": "ana"}, "wa_id": "573001234567", "user_id": "CO.1a2B"}
ROTATION: Json = {"previous": "CO.a", "current": "CO.b"}
WHOLE: Json = {
    "object": "whatsapp_business_account",
    "entry": [
        {
            "id": "W",
            "time": 1794000000,
            "changes": [
                {
                    "field": "messages",
                    "value": {
                        "metadata": {"phone_number_id": "1065", "display_phone_number": "573009999999"},
                        "contacts": [CONTACT],
                        "messages": [*MESSAGES, SYSTEM],
                        "statuses": STATUSES,
                        "errors": [{"code": 130429}],
                    },
                },
                {"field": "smb_message_echoes", "value": {"message_echoes": MESSAGES[:3]}},
                {
                    "field": "history",
                    "value": {
                        "history": [{"metadata": {"phase": 0}, "threads": [{"id": "57300", "messages": MESSAGES[:2]}]}]
                    },
                },
                {
                    "field": "user_preferences",
                    "value": {"user_preferences": [{"wa_id": "573001234567", "value": "stop"}]},
                },
                {
                    "field": "user_id_update",
                    "value": {"user_id_update": [{"user_id": {"previous": "CO.a", "current": "CO.b"}}]},
                },
                {"field": "account_update", "value": {"event": "X"}},
            ],
        }
    ],
}

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["", "\x00", "\ud83d", "text", "system", "history", "wamid.X", "CO.1", 10**400, "9" * 30, "-1"])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(node: object, path: Path_ = ()) -> list[Path_]:
    found: list[Path_] = [path] if path else []
    if isinstance(node, dict):
        for key, value in cast("Json", node).items():
            found += places(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(cast("list[Any]", node)):
            found += places(value, (*path, index))
    return found


def mutate(root: Any, path: Path_, how: str, value: object) -> None:
    """Change the node at the path, where earlier mutations left one."""
    try:
        for step in path[:-1]:
            root = root[step]
        last = path[-1]
        if how == "drop":
            del root[last]
        elif how == "double":
            root.insert(last, copy.deepcopy(root[last]))
        else:
            root[last] = {"wrap": [root[last]], "nest": {"x": root[last]}, "retype": value}[how]
    except (KeyError, IndexError, TypeError, AttributeError):
        return


PLACES = places(WHOLE)
HOW = ["drop", "wrap", "nest", "double", "retype"]
mutations = st.lists(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(HOW), anything),
    min_size=1,
    max_size=6,
)


def texts(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in cast("Json", node).items():
            yield key
            yield from texts(value)
    elif isinstance(node, list):
        for value in cast("list[Any]", node):
            yield from texts(value)


def storable(parsed: ParsedDelivery) -> None:
    assert parsed.updates
    for position, update in enumerate(parsed.updates):
        assert update.position == position
        assert not (isinstance(update, Unknown) and update.reason.startswith("defect")), update
        kept = [update.raw]
        if isinstance(update, InboundMessage):
            assert update.wamid
            kept += [update.content, {"text": update.text}]
        for piece in kept:
            orjson.dumps(piece)
            assert not any("\x00" in text for text in texts(piece))


@settings(max_examples=300, deadline=None)
@given(mutations)
def test_mutated_deliveries_never_raise_and_can_be_stored(changes: list[tuple[tuple[Any, ...], str, Any]]) -> None:
    delivery = copy.deepcopy(WHOLE)
    for path, how, value in changes:
        mutate(delivery, path, how, value)
    storable(parse(json.dumps(delivery).encode()))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(anything, max_size=5),
    st.lists(st.sampled_from(MESSAGES), max_size=5),
    st.lists(st.sampled_from(STATUSES), max_size=5),
    st.randoms(use_true_random=False),
)
def test_well_formed_updates_survive_any_company(
    junk: list[Any], good: list[Json], settled: list[Json], random: Random
) -> None:
    messages = [*good, *junk]
    statuses = [*settled, *junk]
    random.shuffle(messages)
    random.shuffle(statuses)
    value = {"messages": messages, "statuses": statuses}
    parsed = parse(json.dumps({"entry": [{"changes": [{"value": value, "field": "messages"}, *junk]}, *junk]}).encode())
    storable(parsed)
    expected = sorted(item["id"] for item in good)
    found = [update.wamid for update in parsed.updates if isinstance(update, InboundMessage)]
    for wamid in set(expected):
        assert found.count(wamid) >= expected.count(wamid)
    assert sum(isinstance(update, StatusUpdate) for update in parsed.updates) >= len(settled)
    assert len(parsed.updates) >= len(messages) + len(statuses)


@settings(max_examples=200, deadline=None)
@given(anything)
def test_random_json_never_raises(value: Any) -> None:
    storable(parse(json.dumps(value).encode()))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_random_bytes_never_raise(body: bytes) -> None:
    storable(parse(body))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40), st.binary(max_size=20))
def test_torn_bodies_never_raise(start: int, length: int, noise: bytes) -> None:
    body = json.dumps(WHOLE).encode()
    at = start % len(body)
    storable(parse(body[:at] + noise + body[at + length :]))


def test_depth_cannot_hurt() -> None:
    for deep in (b"[" * 900 + b"]" * 900, b'{"a":' * 900 + b"1" + b"}" * 900, b"[" * 200_000):
        storable(parse(b'{"entry": [{"changes": [{"value": {"messages": [{"id": "w", "x": ' + deep + b"}]}}]}]}"))
