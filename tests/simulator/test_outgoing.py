from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relevo.simulator.graph_errors import GraphError
from relevo.simulator.outgoing import Choice, read

TEXT: dict[str, Any] = {"messaging_product": "whatsapp", "to": "573001234567", "type": "text", "text": {"body": "hola"}}


def buttons(*titles: str, body: str = "¿Cuántas?") -> dict[str, Any]:
    replies = [{"type": "reply", "reply": {"id": f"b{i}", "title": title}} for i, title in enumerate(titles)]
    return {
        "type": "interactive",
        "interactive": {"type": "button", "body": {"text": body}, "action": {"buttons": replies}},
    }


def rows(count: int, *, title: str = "Fila", button: str = "Ver") -> dict[str, Any]:
    items = [{"id": f"r{i}", "title": f"{title} {i}"} for i in range(count)]
    action = {"button": button, "sections": [{"title": "Todo", "rows": items}]}
    return {"type": "interactive", "interactive": {"type": "list", "body": {"text": "Elige"}, "action": action}}


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"text": {"body": "x" * 4097}}, 100),
        ({"text": {"body": ""}}, 131008),
        ({"text": None}, 131008),
        ({"messaging_product": "other"}, 100),
        ({"to": ""}, 100),
        ({"biz_opaque_callback_data": "x" * 513}, 100),
        ({"type": "hologram"}, 131051),
        ({"type": "image", "image": {"link": "https://x.example/a.jpg", "caption": "x" * 1025}}, 100),
        ({"type": "image", "image": {}}, 131008),
        ({"type": "audio", "audio": {"id": "1", "caption": "no"}}, 100),
        (buttons("1", "2", "3", "4"), 131009),
        (buttons(), 131009),
        (buttons("x" * 21), 131009),
        (buttons("igual", "igual"), 131009),
        (buttons("uno", body="x" * 1025), 131009),
        (rows(11), 131009),
        (rows(1, title="x" * 24), 131009),
        (rows(1, button="x" * 21), 131009),
        ({"type": "template", "template": {"name": "hola"}}, 131008),
        ({"type": "contacts", "contacts": []}, 131008),
        ({"type": "location", "location": {"latitude": 1}}, 131008),
    ],
)
def test_what_breaks_a_limit_is_refused(part: dict[str, Any], code: int) -> None:
    with pytest.raises(GraphError) as refusal:
        read({**TEXT, **part})
    assert refusal.value.graph_code == code


@pytest.mark.parametrize("part", [buttons("1 bolsa", "2 bolsas"), rows(10), {"text": {"body": "x" * 4096}}])
def test_what_just_keeps_a_limit_is_accepted(part: dict[str, Any]) -> None:
    assert read({**TEXT, **part}).to == "573001234567"


def test_choices_are_what_the_customer_can_tap() -> None:
    assert read({**TEXT, **buttons("1 bolsa", "2 bolsas")}).choices == (
        Choice("b0", "1 bolsa"),
        Choice("b1", "2 bolsas"),
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KINDS = ["text", "image", "audio", "interactive", "template", "reaction", "location", "contacts", "other"]


@given(kind=st.sampled_from(KINDS) | JSON, part=JSON, more=st.dictionaries(st.text(max_size=8), JSON, max_size=3))
def test_any_body_is_read_or_refused(kind: object, part: object, more: dict[str, Any]) -> None:
    body = {"messaging_product": "whatsapp", "to": "57300", "type": kind, str(kind): part, **more}
    with contextlib.suppress(GraphError):
        assert read(body).text
