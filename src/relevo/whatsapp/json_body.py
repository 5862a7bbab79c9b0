"""Reads the bytes of a delivery into JSON that Postgres can keep as `jsonb`. It never raises."""

from __future__ import annotations

import json
import math
from typing import Any, cast

import orjson

_DEEPEST = 100
"""Real deliveries nest about a dozen levels; serialisers give up at some hundreds."""
_CUT = "… (nested too deeply)"
_LARGEST_INTEGER = 2**63 - 1
_PREVIEW = 2000


def load(body: bytes) -> tuple[object, str | None]:
    """Return the JSON value, and None or what is wrong with the body.

    NUL characters (which Postgres refuses) and lone surrogates (which are not text) are taken out; other slips
    (bad UTF-8, control characters, NaN) are read as well as they can be.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _load_leniently(body)
    # A NUL can only stand in valid JSON as this escape; depth is at most the number of brackets.
    if b"\\u0000" in body or body.count(b"{") + body.count(b"[") > _DEEPEST:
        value = clean(value)
    return value, None


def preview(body: bytes) -> str:
    """Return the beginning of a body that is not JSON, as storable text."""
    return _clean_text(body[:_PREVIEW].decode("utf-8", "replace"))


def _load_leniently(body: bytes) -> tuple[object, str | None]:
    try:
        value = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except ValueError as error:
        return None, f"not JSON: {str(error)[:200]}"
    except RecursionError:
        return None, "not JSON: nested too deeply"
    return clean(value), None


def clean(value: object) -> object:
    """Return the same JSON without anything `jsonb` or a JSON serialiser refuses; iterative, so depth cannot hurt."""
    root: list[Any] = [value]
    stack: list[tuple[Any, Any, int]] = [(root, 0, 0)]
    while stack:
        holder, key, depth = stack.pop()
        node: Any = holder[key]
        if isinstance(node, str):
            holder[key] = _clean_text(node)
        elif isinstance(node, dict | list):
            if depth >= _DEEPEST:
                holder[key] = _CUT
                continue
            if isinstance(node, dict):
                node = {_clean_text(str(k)): v for k, v in cast("dict[Any, Any]", node).items()}
                holder[key] = node
                stack.extend((node, k, depth + 1) for k in node)
            else:
                items = cast("list[Any]", node)
                stack.extend((items, index, depth + 1) for index in range(len(items)))
        elif isinstance(node, float):
            if not math.isfinite(node):
                holder[key] = None
        elif isinstance(node, int) and abs(node) > _LARGEST_INTEGER:
            holder[key] = str(node)
    return root[0]


def _clean_text(text: str) -> str:
    if "\x00" in text:
        text = text.replace("\x00", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
