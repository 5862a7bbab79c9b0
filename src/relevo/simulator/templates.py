"""Message templates the double has approved, in the form Meta lists them. Values only.

https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview
"""

from __future__ import annotations

from typing import Any


def approved(names: frozenset[str] | None) -> list[dict[str, Any]]:
    """List templates: those named, or all; and one that is still being looked at."""
    return [one for one in _ALL if names is None or one["name"] in names or one["status"] != "APPROVED"]


def _template(name: str, body: str, *more: dict[str, Any], category: str = "UTILITY", **other: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    components = [{"type": "BODY", "text": body}, *more]
    return {
        "name": name,
        "language": "es",
        "status": "APPROVED",
        "category": category,
        "components": components,
        **other,
    }


_ALL: list[dict[str, Any]] = [
    _template("recordatorio", "Hola {{1}}, tu pedido {{2}} sigue esperando. ¿Te ayudamos a terminarlo?", id="1"),
    _template(
        "envio_en_camino",
        "Tu pedido {{1}} va en camino y llega {{2}}.",
        {"type": "FOOTER", "text": "Gracias por comprar con nosotros"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Gracias"}]},
        id="2",
    ),
    _template(
        "promo_de_la_semana",
        "Esta semana tenemos algo para ti.",
        {"type": "HEADER", "format": "IMAGE"},
        category="MARKETING",
        id="3",
    ),
    _template("encuesta", "¿Cómo te fue con tu compra?", id="4", status="PENDING"),
]
