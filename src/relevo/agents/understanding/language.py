"""Tells Spanish, Portuguese and English apart, and only when sure: a short or mixed message has no language."""

from __future__ import annotations

import re

from relevo.agents.understanding.fold import plain

_TELLING: dict[str, frozenset[str]] = {
    "es": frozenset(
        "el los las una unos y es con pero muy hola gracias cuanto cuando donde quiero tengo tiene tienen hay buenos buenas dias hacen puedo puede yo usted ustedes mi su lo al del mas "
        "bien cuesta vale envio envios pedido precio cual quien hasta desde porque favor porfa estoy esta soy necesito llega pagar comprar tardes noches ciudad direccion".split()
    ),
    "pt": frozenset(
        "o os as um uma e nao com mas muito ola oi obrigado obrigada quanto quando onde quero tenho tem ha bom boa dia voce voces eu meu minha seu sua ao do da no na mais "
        "bem custa frete entrega entregam pedido preco qual quem ate porque favor estou sou preciso chega pagar comprar tarde noite cidade endereco pra voces fica queria isso".split()
    ),
    "en": frozenset(
        "the a an and is are with but very hello hi thanks how when where what i want have has there good morning do does can you your my it to of for more well cost price "
        "much who until from because please am need order shipping pay buy city address this that would like".split()
    ),
}
_LETTERS = {"es": re.compile(r"[ñ¿¡]"), "pt": re.compile(r"[ãõç]|lh|nh")}
_SURE = 2
"""Words that belong to one language more than to any other, at least."""


def language_of(text: str) -> str | None:
    """`es`, `pt` or `en`; None when not sure."""
    words = re.findall(r"[a-z]+", plain(text))
    scores = {language: float(sum(word in telling for word in words)) for language, telling in _TELLING.items()}
    for language, letters in _LETTERS.items():
        scores[language] += len(letters.findall(text[:2000].lower()))
    best, second = sorted(scores, key=lambda language: -scores[language])[:2]
    own = scores[best] - scores[second]
    return best if own >= _SURE and scores[best] >= 1.5 * scores[second] else None
