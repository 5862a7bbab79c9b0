"""Replies at hand, and what the agent has understood, told in the playbook's names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from uuid_utils.compat import uuid7

from support.storefront import open_shop

if TYPE_CHECKING:
    import uuid

    from conftest import Asked


async def test_replies_are_kept_changed_and_thrown_away(api: Asked) -> None:
    made = await api.http.post("/canned-replies", json={"shortcut": "/Gracias", "text": "¡Gracias por tu compra!"})
    assert (made.status_code, made.json()["shortcut"]) == (201, "gracias")
    path = f"/canned-replies/{made.json()['id']}"
    changed = await api.http.patch(path, json={"text": "¡Mil gracias!"})
    assert (changed.json()["shortcut"], changed.json()["text"]) == ("gracias", "¡Mil gracias!")
    await api.http.post("/canned-replies", json={"shortcut": "envio", "text": "Enviamos mañana"})
    assert [item["shortcut"] for item in (await api.http.get("/canned-replies")).json()["items"]] == [
        "envio",
        "gracias",
    ]
    again = await api.http.post("/canned-replies", json={"shortcut": "envio", "text": "otra"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    taken = await api.http.patch(path, json={"shortcut": "envio"})
    assert taken.status_code == 409
    for shortcut in ("dos palabras", "a/b", "/"):
        refused = await api.http.post("/canned-replies", json={"shortcut": shortcut, "text": "x"})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request"), shortcut
    assert (await api.http.delete(path)).status_code == 204
    assert (await api.http.delete(path)).status_code == 404
    events = await api.shop.rows("select type from events where type like 'canned%%' order by id")
    assert [row["type"] for row in events] == [
        "canned_reply.changed", "canned_reply.changed", "canned_reply.changed", "canned_reply.removed",
    ]  # fmt: skip


async def test_another_shops_replies_are_not_there(api: Asked) -> None:
    elsewhere = await open_shop(api.shop.database)
    reply = uuid7()
    await elsewhere.rows(
        "insert into canned_replies (id, workspace_id, shortcut, text) values (%(id)s, %(w)s, 'x', 'y') returning id",
        id=reply,
        w=elsewhere.workspace_id,
    )
    assert (await api.http.get("/canned-replies")).json()["items"] == []
    assert (await api.http.patch(f"/canned-replies/{reply}", json={"text": "mío"})).status_code == 404
    assert (await api.http.delete(f"/canned-replies/{reply}")).status_code == 404


async def session(api: Asked, conversation: uuid.UUID, state: dict[str, Any]) -> None:
    turn, held = uuid7(), uuid7()
    scope = {"w": api.shop.workspace_id, "c": conversation, "s": held, "t": turn}
    await api.shop.rows(
        "insert into sessions (id, workspace_id, conversation_id, agent, state)"
        " values (%(s)s, %(w)s, %(c)s, 'tostadora', %(state)s::jsonb) returning id",
        state=orjson.dumps(state).decode(), **scope,
    )  # fmt: skip
    await api.shop.rows(
        "insert into turns (id, workspace_id, conversation_id, session_id, agent, discardable, explanation, usage,"
        " cost_usd, started_at)"
        " values (%(t)s, %(w)s, %(c)s, %(s)s, 'tostadora', true, %(why)s::jsonb, %(usage)s::jsonb,"
        " 0.002, now()) returning id",
        why=orjson.dumps(
            {
                "rules": ["precio", "ciudad taken"],
                "reading": {
                    "source": "offline",
                    "confidence": 0.9,
                    "commands": [{"is": "SetSlot", "slot": "ciudad", "value": "Bogotá"}],
                },
            }
        ).decode(),
        usage=orjson.dumps([{"model": "m", "input_tokens": 10, "output_tokens": 5, "usd": 0.002}]).decode(),
        **scope,
    )  # fmt: skip
    await api.shop.rows(
        "update messages set outcome = 'answered', outcome_reason = 'precio', turn_id = %(t)s"
        " where conversation_id = %(c)s returning id",
        t=turn, c=conversation,
    )  # fmt: skip


async def test_what_the_agent_knows_is_told_in_the_playbooks_names(api: Asked) -> None:
    conversation = await api.shop.hears("573001112222", "quiero una libra")
    path = f"/conversations/{conversation}/agent"
    nothing = (await api.http.get(path)).json()
    assert (nothing["agent_id"], nothing["session_id"], nothing["data"], nothing["turns"]) == (
        "tostadora",
        None,
        [],
        [],
    )
    await session(api, conversation, {"v": 1, "slots": {"ciudad": "Bogotá", "sin_nombre": "x"}, "stage": "venta"})
    known = (await api.http.get(path, params={"lang": "en"})).json()
    assert (known["stage"], known["usage"]["calls"], known["usage"]["input_tokens"]) == ("venta", 1, 10)
    assert {datum["slot"]: datum["value"] for datum in known["data"]} == {"ciudad": "Bogotá", "sin_nombre": "x"}
    (turn,) = known["turns"]
    assert (turn["words"], turn["understood"]["source"]) == ("Answered.", "offline")
    assert turn["rules"] == ["precio", "ciudad taken"]
    assert turn["remarks"] == [
        {"key": "other", "values": {}, "text": "precio"},
        {"key": "slot_taken", "values": {"slot": "City"}, "text": "ciudad taken"},
    ]
    assert turn["labels"] == {"ciudad": "City"}
    entry = (await api.http.get(f"/conversations/{conversation}/timeline", params={"lang": "en"})).json()["items"][0]
    assert (entry["remarks"], entry["labels"]) == (turn["remarks"], turn["labels"])
    assert [one["text"] for one in turn["heard"]] == ["quiero una libra"]
    in_spanish = (await api.http.get(path)).json()
    assert in_spanish["turns"][0]["words"] == "Respondido."


async def test_a_playbook_that_is_gone_hides_nothing_the_agent_knew(api: Asked) -> None:
    conversation = await api.shop.hears("573001112222", "hola")
    await session(api, conversation, {"v": 1, "slots": {"ciudad_de_envio": "Cali"}, "flow": "pedido"})
    await api.shop.rows("update sessions set agent = 'ya-no-existe' returning id")
    known = (await api.http.get(f"/conversations/{conversation}/agent")).json()
    assert [(one["label"], one["shown"]) for one in known["data"]] == [("Ciudad de envio", "Cali")]


async def test_the_order_taking_shape_is_shown_before_it_exists(api: Asked) -> None:
    from relevo.agents.playbook.loader import parse, read  # noqa: PLC0415 - only this test needs the playbook itself

    playbook, _ = parse(*read("tostadora"))
    offer = next(name for name, slot in playbook.slots.items() if slot.type == "offer")
    item = playbook.catalog[0]
    conversation = await api.shop.hears("573001112222", "quiero uno")
    flow = next(name for name, flow in playbook.flows.items() if f"'{offer}'" in repr(flow))
    await session(api, conversation, {"v": 1, "slots": {offer: item.id}, "flow": flow})
    known = (await api.http.get(f"/conversations/{conversation}/agent")).json()
    assert (known["order"]["number"], known["order"]["total"]) == (None, item.price)
    assert [line["item_id"] for line in known["order"]["lines"]] == [item.id]
    shown = {one["slot"]: one for one in known["data"]}
    assert shown[offer]["shown"] != item.id or item.name == item.id
    assert any(one["value"] is None for one in known["data"])


async def test_another_shops_understanding_is_not_there(api: Asked) -> None:
    elsewhere = await open_shop(api.shop.database)
    theirs = await elsewhere.hears("573009999999", "hola")
    assert (await api.http.get(f"/conversations/{theirs}/agent")).status_code == 404
