"""A small Colombian coffee shop's playbook, as the understanding tests need it."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from relevo.agents.commands import ReadingContext
from relevo.agents.decision import InboundMessage
from relevo.agents.playbook.model import Playbook
from relevo.agents.understanding.offline import OfflineReader

if TYPE_CHECKING:
    from collections.abc import Mapping

NOW = datetime(2026, 11, 25, 15, tzinfo=UTC)
"""A Wednesday."""

SOURCE: dict[str, Any] = {
    "business": {"name": "Café La Loma", "country": "CO", "language": "es", "also": ["pt", "en"]},
    "catalog": [
        {"id": "bolsa1", "name": "1 bolsa", "qty": 1, "price": 38900},
        {"id": "bolsa2", "name": "2 bolsas", "qty": 2, "price": 69900, "tag": "más vendido"},
        {"id": "bolsa4", "name": "4 bolsas", "qty": 4, "price": 129900},
    ],
    "slots": {
        "pack": {"type": "offer", "ask": "¿Cuántas bolsas: 1, 2 o 4?"},
        "molienda": {"type": "choice", "options": ["en grano", "media", "fina"], "ask": "¿Qué molienda?"},
        "nombre": {"type": "person", "min_words": 2, "ask": "¿A nombre de quién?"},
        "celular": {"type": "phone", "regions": ["CO"], "mobile": True, "ask": "¿Tu celular?"},
        "ciudad": {"type": "city", "ask": "¿En qué ciudad?"},
        "departamento": {"type": "region", "of_city": "ciudad", "ask": "¿En qué departamento?", "optional": True},
        "direccion": {"type": "address", "country": "CO", "ask": "¿La dirección?"},
        "correo": {"type": "email", "ask": "¿Tu correo?", "optional": True},
        "pago": {"type": "choice", "options": ["contraentrega", "nequi", "transferencia"], "ask": "¿Cómo pagas?"},
        "entrega": {"type": "date", "ask": "¿Qué día?", "optional": True},
    },
    "intents": {
        "saludo": {
            "examples": ["hola", "buenas", "buenos días", "buenas tardes, me interesa", "hola, info"],
            "do": {"flow": "hola"},
        },
        "precio": {
            "examples": ["cuánto vale", "qué precio tiene", "precio porfa", "a cómo la bolsa", "valor de 2"],
            "do": {"say": "precios"},
        },
        "comprar": {
            "examples": ["quiero pedir", "lo compro", "envíame dos", "cómo hago el pedido", "me llevo 4"],
            "do": {"flow": "pedido"},
        },
        "envio": {
            "examples": ["hacen envíos a Pasto", "cuánto demora", "el envío tiene costo", "llega a mi pueblo"],
            "do": {"say": "envio"},
        },
        "pago": {
            "examples": ["puedo pagar al recibir", "reciben nequi", "es contra entrega", "formas de pago"],
            "do": {"say": "pago"},
        },
        "molienda": {
            "examples": ["qué molienda para prensa", "lo muelen", "es molido", "cómo se prepara"],
            "do": {"say": "molienda"},
        },
        "caro": {"examples": ["está caro", "muy costoso", "no me alcanza", "hay descuento"], "do": {"say": "caro"}},
        "reclamo": {
            "examples": ["quiero mi plata", "llegó roto"],
            "keywords": ["me estafaron", "denunci*"],
            "do": {"handoff": "reclamo"},
            "risk": "high",
        },
        "humano": {
            "examples": ["quiero hablar con alguien"],
            "keywords": ["asesor*", "una persona"],
            "do": {"handoff": "cliente"},
        },
        "baja": {"keywords": ["^(baja|no me escriban.*)$"], "do": {"optout": True}, "risk": "high"},
    },
    "understanding": {"model": {"timeout": "30s", "retries": 1}},
}


def playbook(**changes: Any) -> Playbook:
    return Playbook.model_validate({**SOURCE, **changes})


@cache
def offline() -> OfflineReader:
    return OfflineReader(playbook())


def wrote(*texts: str) -> tuple[InboundMessage, ...]:
    return tuple(InboundMessage(f"m{place}", "text", text, NOW) for place, text in enumerate(texts))


def situation(
    asking: str | None = None,
    *,
    flow: str | None = None,
    slots: Mapping[str, str] | None = None,
    options: Mapping[str, str] | None = None,
) -> ReadingContext:
    return ReadingContext(asking, flow, slots or {}, options or {}, NOW)
