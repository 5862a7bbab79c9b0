"""A reader that says what it is told to, for tests of the engine alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relevo.agents.commands import CannotTell, Command, Reading, ReadingContext
from relevo.agents.engine import Conversation, PlaybookAgent
from relevo.agents.engine.book import Book
from relevo.agents.playbook.loader import parse

if TYPE_CHECKING:
    from relevo.agents.decision import InboundMessage
    from relevo.agents.engine.agent import Phraser

SHOP = """\
business: {name: Prueba, country: CO, also: [pt]}
facts: {envio: "Envío gratis.", pago: "Pagas al recibir."}
amounts: {domicilio: 8000}
catalog:
  - {id: uno, name: Uno, qty: 1, price: 10000}
  - {id: dos, name: Dos, qty: 2, price: 18000}
slots:
  pack: {type: offer, ask: "¿Uno o dos?", label: Cantidad}
  nombre: {type: person, ask: "¿Nombre?", label: Nombre}
  nota: {type: free, ask: "¿Nota?", label: Nota, keep: false}
intents:
  hola: {examples: [hola], do: {flow: saludo}}
  precio: {examples: [precio], do: {say: precios}}
  envio: {examples: [envío], do: {say: "{facts.envio}"}, title: Envíos}
  pago: {examples: [pago], do: {say: "{facts.pago}"}, title: Pagos}
  comprar: {examples: [comprar], do: {flow: pedido}}
  recargo: {examples: [recargo], do: {say: "A domicilio son {amounts.domicilio}."}}
  humano: {examples: [humano], do: {handoff: pedido_cliente}}
  cancelar: {examples: [cancelar], do: {cancel: true}}
  baja: {keywords: ["^baja$"], do: {optout: true}}
replies:
  precios:
    - any_of: ["Precios A\\n{catalog}", "Precios B\\n{catalog}", "Precios C\\n{catalog}"]
    - {text: "{facts.envio}", priority: complementary}
flows:
  saludo: {once_per: 24h, steps: [{say: ["¡Hola!", "¿En qué te ayudo?"]}]}
  pedido:
    steps:
      - collect: [pack, nombre]
      - confirm: "{order.summary}\\n¿Todo bien?"
      - create_order: {}
      - say: "Pedido {order.id} por {order.total}."
followups:
  quiet_hours: "20:00-08:00"
  items:
    - {id: duda, after: 1h, when: "intent_seen('precio') and not order", say: "¿Alguna duda?"}
    - {id: resto, after: 2h, when: "flow('pedido').unfinished", say: "Falta: {missing}", resume: true}
    - {id: vuelve, after: 30d, when: "order.status == 'entregado'", template: vuelve_es}
handoff: {when: {failed_turns: 3, same_intent_repeated: 4, sentiment: angry, order_total_over: 50000}}
"""


class Scripted:
    """Reads each text by a table; anything else it cannot tell."""

    def __init__(self) -> None:
        self.table: dict[str, tuple[Command, ...]] = {}
        self.contexts: list[ReadingContext] = []

    async def read(self, messages: tuple[InboundMessage, ...], context: ReadingContext) -> Reading:
        self.contexts.append(context)
        commands = tuple(c for m in messages for c in self.table.get(m.text, (CannotTell(),)))
        return Reading(commands, "script", 1.0)


def shop(old: str = "", new: str = "", phraser: Phraser | None = None) -> tuple[Conversation, Scripted]:
    """Open a conversation with the little shop, some of its playbook replaced."""
    assert old in SHOP
    playbook, _ = parse("shop", SHOP.replace(old, new, 1) if old else SHOP)
    reader = Scripted()
    return Conversation(PlaybookAgent("shop", Book(playbook), reader, phraser=phraser)), reader
