"""What agents note is read into keys and readable values: every rule of the engine, and whatever else comes."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest

import relevo.agents.engine
from relevo.agents.engine.book import Book
from relevo.agents.playbook.loader import parse, read
from relevo.conversations.reasons import CHAT_OFF, HANDED_OFF, PERSON, SHOP_OFF, SOMEBODY_ELSE
from relevo.conversations.remarks import OTHER, key_of, labels, remark, remarks
from relevo.conversations.timeline_words import came_of, handoff_reason
from relevo.store.migrations import __path__ as migrations

ENGINE = Path(relevo.agents.engine.__file__).parent


def _text(node: ast.expr) -> str | None:
    """Write out an expression as it may read, with a word for each value; None: it is no text."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_text(value) or "ciudad" for value in values)
        case ast.BinOp(left=left):
            return _text(left)
        case _:
            return None


def _noted() -> list[str]:
    found: list[str] = []
    for path in sorted(ENGINE.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "rule":
                text = _text(node.args[0])
                found += [] if text is None else [text]
    return found


def test_every_rule_the_engine_notes_has_a_key() -> None:
    noted = _noted()
    assert len(noted) > 50
    # Small talk is one of a few kinds; anything else before ": needs no answer" is no rule of ours.
    said = [text.replace("ciudad: ", "thanks: ") if text.startswith("ciudad: ") else text for text in noted]
    assert [text for text in said if remark(text).key == OTHER] == []


@pytest.mark.parametrize("text", [SHOP_OFF, CHAT_OFF, PERSON, SOMEBODY_ELSE, HANDED_OFF, "the customer wrote again"])
def test_reasons_for_silence_have_a_key(text: str) -> None:
    assert key_of(text) not in {None, OTHER}
    assert key_of(None) is None


def test_reasons_of_the_rotation_have_a_key() -> None:
    rules = next(Path(next(iter(migrations))).glob("sql/0002_*.sql")).read_text("utf-8")
    for text in (
        "nobody is in the rotation", "nobody is online", "everybody online is at capacity", "had this customer before",
        "the only one free", "never assigned before", "longest since last assigned",
    ):  # fmt: skip
        assert f"'{text}'" in rules
        assert key_of(text) not in {None, OTHER}


async def test_values_go_by_the_playbooks_names_in_the_readers_language() -> None:
    _, text = await asyncio.to_thread(read, "tostadora")
    book = Book(parse("tostadora", text)[0])
    told = remarks({"rules": ["celular taken", "yes to confirm:pedido", "order 1004 is created"]}, book, "pt")
    assert [(one.key, one.values) for one in told] == [
        ("slot_taken", {"slot": "Celular"}),
        ("yes_order", {"flow": "pedido"}),
        ("order_created", {"order": "1004"}),
    ]
    assert remark("ciudad is missing", book, "en").values == {"slot": "City"}
    understood = {"commands": [{"is": "SetSlot", "slot": "ciudad"}, {"is": "Choose", "option": "no_such"}]}
    assert labels(understood, book, "en") == {"ciudad": "City"}
    assert labels(understood, None, "en") == {}


def test_what_is_not_known_keeps_its_text_and_ids_become_readable() -> None:
    assert (remark("invented: by a shop").key, remark("invented: by a shop").text) == (OTHER, "invented: by a shop")
    assert remark("flow compra_al_mayor begins (once)").values == {"flow": "compra al mayor"}
    assert remark("handoff visita_tienda: intent visita").values == {"handoff": "visita_tienda"}


def test_what_came_of_a_message_is_said_without_codes() -> None:
    assert came_of("handed_off", "pedido_cliente: intent humano", "es") == "Se pasó a una persona: el cliente lo pidió."
    assert came_of("handed_off", "visita_tienda: intent x", "pt") == "Passada a uma pessoa: visita tienda."
    assert came_of("ignored", "edit of an earlier message", "es") == "El cliente corrigió un mensaje anterior."
    assert came_of("ignored", "thanks: needs no answer", "en") == "It needed no answer."
    assert handoff_reason("Llamar antes de las 5", "es") == "Llamar antes de las 5"
