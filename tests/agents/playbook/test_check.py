"""What does not load, and what the shop is told: line, reason, suggestion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from relevo.agents.engine import load_agent, load_playbook
from relevo.agents.engine.testing import check_file
from relevo.errors import PlaybookError

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
playbook: 1
business: {name: Prueba, language: es}
facts:
  envio: "Envío gratis."
catalog:
  - {id: uno, name: Uno, price: 38900}
slots:
  pack: {type: offer, ask: "¿Cuál?"}
  nombre: {type: person, ask: "¿Nombre?"}
intents:
  precio: {examples: [cuánto vale, qué precio tiene], do: {say: precios}}
  comprar: {examples: [quiero comprar, lo quiero], do: {flow: pedido}}
  humano: {keywords: [asesor*], do: {handoff: pedido_cliente}}
  baja: {keywords: ["^(baja|stop)$"], do: {optout: true}}
replies:
  precios: ["{catalog}", "{facts.envio}"]
flows:
  pedido:
    steps:
      - collect: [pack, nombre]
      - confirm: "{order.summary} ¿Todo bien?"
      - create_order: {status: por_despachar}
      - say: "Pedido {order.id} por {order.total}."
followups:
  items:
    - {id: duda, after: 3h, when: "intent_seen('precio') and not order", say: "¿Te quedó alguna duda?"}
"""


def problems(tmp_path: Path, old: str = "", new: str = "") -> list[str]:
    assert old in GOOD
    file = tmp_path / "shop.yaml"
    file.write_text(GOOD.replace(old, new, 1) if old else GOOD, encoding="utf-8")
    report = check_file(file)
    found = [str(p) for p in report.problems]
    assert report.ok is not any(not p.warning for p in report.problems)
    return found


def test_the_good_one_is_good(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{facts.envio}", "{facts.envios}", ["line 16", "unknown fact `envios`", "did you mean `envio`?"]),
        ("do: {say: precios}", "do: {say: precio}", ["line 11", "unknown reply `precio`", "did you mean `precios`?"]),
        ("do: {flow: pedido}", "do: {flow: pedidos}", ["line 12", "unknown flow `pedidos`", "`pedido`"]),
        ("collect: [pack, nombre]", "collect: [pack, nonbre]", ["line 20", "unknown slot `nonbre`", "`nombre`"]),
        ("intent_seen('precio')", "intent_seen('precios')", ["line 26", "unknown intent `precios`", "`precio`"]),
        ("intent_seen('precio')", "intento('precio')", ["line 26", "unknown function `intento`"]),
        ("and not order", "and __import__('os')", ["line 26", "unknown function"]),
        ("{catalog}", "{catalogo}", ["line 16", "unknown `{catalogo}`", "`catalog`"]),
        ("{catalog}", "{price:dos}", ["line 16", "unknown item `dos`"]),
        ("{catalog}", "Vale $38.900", ["line 16", "a literal price (`$38.900`)", "{price:…}"]),
        ("{catalog}", "Vale 38900", ["line 16", "a literal price"]),
        ("{catalog}", "Vale 38 mil", ["line 16", "a literal price"]),
        ("Envío gratis.", "Gratis desde 100.000", ["line 4", "a literal price"]),
        ("{catalog}", "Hola {", ["line 16", "brace"]),
        ("after: 3h", "after: 26h", ["line 26", "after 24 h", "template"]),
        ("after: 3h", "after: pronto", ["line 26", "not a duration", "3h"]),
        ("after: 3h", "after: 3", ["line 26", "with its unit"]),
        ("do: {optout: true}", "do: {say: precios}", ["no intent lets the customer opt out"]),
        ("do: {handoff: pedido_cliente}", "do: {say: precios}", ["no intent leads to a person"]),
        ('      - confirm: "{order.summary} ¿Todo bien?"\n', "", ["line 21", "without being confirmed"]),
        ("type: person", "type: persona", ["line 9", "unknown type `persona`", "did you mean `person`?"]),
        ('ask: "¿Nombre?"', 'pregunta: "¿Nombre?"', ["line 9", "`ask` is missing"]),
        ("examples: [quiero comprar", "exemples: [quiero comprar", ["line 12", "unknown key `exemples`", "`examples`"]),
        ("price: 38900", "price: 389.5", ["line 6", "integer"]),
        ("price: 38900", "price: -1", ["line 6", "greater than or equal to 0"]),
        ("collect: [pack, nombre]", "recoge: [pack, nombre]", ["line 20", "unknown key `recoge`"]),
        ("name: Prueba", 'name: ""', ["line 2", "no name"]),
        ("language: es", "language: es, timezone: America/Bogoto", ["time zone"]),
        ("facts:", "facts: &x\nfacts:", ["twice"]),
        ("playbook: 1", "playbook: 1\nfacts2: {", ["line", "YAML"]),
        ("replies:", 'guardrails: {claims_forbidden: ["grati*"]}\nreplies:', ["line 4", "claims `grati*`"]),
        ("replies:", "tests:\n  - [{user: hola}, {dice: x}]\nreplies:", ["line 16", "unknown test key `dice`"]),
        ("replies:", 'hours: {people: {lunes: "08:00-18:00"}}\nreplies:', ["line 15", "not a day", "mon-fri"]),
        ('["{catalog}", ', '[{image: foto.jpg}, "{catalog}", ', ["line 16", "public https address"]),
        (
            '["{catalog}", ',
            '[{text: hola, buttons: [un título que no cabe en ningún botón]}, "{catalog}", ',
            ["line 16", "longer than the 20"],
        ),
    ],
)  # fmt: skip
def test_what_does_not_load(tmp_path: Path, old: str, new: str, told: list[str]) -> None:
    found = problems(tmp_path, old, new)
    assert any(all(part in problem for part in told) for problem in found), found
    with pytest.raises(PlaybookError, match=r"shop"):
        load_playbook(tmp_path / "shop.yaml")


def test_a_reply_nobody_says_is_a_warning(tmp_path: Path) -> None:
    found = problems(tmp_path, "replies:", "replies:\n  huerfana: [hola]")
    assert [p for p in found if "never said" in p]
    load_playbook(tmp_path / "shop.yaml")


def test_words_of_yaml_stay_words(tmp_path: Path) -> None:
    problems(tmp_path, "[quiero comprar, lo quiero]", "[no, yes, on, quiero comprar]")
    _, playbook = load_playbook(tmp_path / "shop.yaml")
    assert playbook.intents["comprar"].examples == ("no", "yes", "on", "quiero comprar")


def test_only_labelled_examples_are_good_for_measuring(tmp_path: Path) -> None:
    file = tmp_path / "labels.yaml"
    file.write_text("intents:\n  a: {examples: [x y]}\n  b: {examples: [z w]}\n", encoding="utf-8")
    assert check_file(file).ok


def test_an_unknown_name_suggests_a_bundled_one() -> None:
    with pytest.raises(PlaybookError, match="did you mean `tostadora`"):
        load_agent("tostadoro")


def test_a_required_setting_must_be_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RELEVO_PLAYBOOK_REGISTRO", raising=False)
    with pytest.raises(PlaybookError, match="RELEVO_PLAYBOOK_REGISTRO"):
        load_agent("somnio")
    with pytest.raises(PlaybookError, match="does not look like"):
        load_agent("somnio", settings={"registro": "?"})
    assert load_agent("somnio", settings={"registro": "SD2026-1234567"}).book.settings["registro"] == "SD2026-1234567"
    monkeypatch.setenv("RELEVO_PLAYBOOK_REGISTRO", "SD2026-7654321")
    assert load_agent("somnio").book.settings["registro"] == "SD2026-7654321"
    monkeypatch.delenv("RELEVO_PLAYBOOK_REGISTRO")
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD + 'settings:\n  codigo: {about: "a code"}\n', encoding="utf-8")
    (tmp_path / "mine.settings.yaml").write_text("codigo: 0123\n", encoding="utf-8")
    assert load_agent(file).book.settings["codigo"] == "0123"
