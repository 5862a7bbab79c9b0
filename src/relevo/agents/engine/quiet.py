"""How long to wait for more: short after a complete thought, long after a fragment. Reads one text, knows no shop."""

from __future__ import annotations

import re

from relevo.agents.engine.book import folded

COMPLETE, FRAGMENT = 1.5, 4.0
_GREETING = re.compile(
    r"^(?:hola+|hol[ai]s?|ola|oi+|ey|hey|hi|hello|buen[oa]s?(?: (?:dias?|tardes?|noches?))?|bom dia"
    r"|boa (?:tarde|noite)|good (?:morning|afternoon|evening)|oye|oiga|disculp[ae]|perdon[ae]?|saludos|que tal"
    r"|como estas?|tudo bem|una (?:pregunta|consulta)|uma pergunta|amig[oa]|senorita|senora?|vecin[oa])(?: |$)"
)
_OPENING = re.compile(
    r"(?:(?:queria|quiero|quisiera) (?:saber|preguntar)|una (?:pregunta|consulta)|uma (?:pergunta|duvida)"
    r"|te (?:hago|quiero hacer) una (?:pregunta|consulta)|gostaria de saber|i have a question|i wanted to ask"
    r"|me (?:puedes|podrias) (?:ayudar|decir)|es que|mira|oye|necesito|estoy interesad[oa]|vi (?:el|su) anuncio)$"
)
_HANGING = re.compile(
    r"(?:\b(?:y|e|o|que|de|para|con|pero|porque|si|el|la|los|las|mi|and|but|with|for|mas|com|pra)|,|\.\.\.|…|:)$"
)
_QUESTION = re.compile(
    r"\b(?:cuant[oa]s?|como|donde|cuando|cual(?:es)?|que|quien|por que|precio|vale|cuesta|tienen|hacen|puedo"
    r"|se puede|sirve|envios?|qual|quanto|onde|quando|how|what|where|when|which|can i|do you)\b"
)
_DATA = re.compile(r"\d|@")
WORDS_OF_A_THOUGHT = 3


def quiet_seconds(text: str) -> float | None:
    """Seconds of quiet to wait for after `text`; None where nothing can be said."""
    stripped = text.strip()
    bare = folded(stripped)
    if not bare:
        return None
    rest = bare
    while (greeting := _GREETING.match(rest)) and rest:
        rest = rest[greeting.end() :].strip()
    if not rest or _OPENING.search(rest) or _HANGING.search(stripped.casefold()):
        return FRAGMENT
    words = rest.split()
    if "?" in stripped or _DATA.search(stripped) or stripped.endswith((".", "!")):
        return COMPLETE
    if len(words) >= 2 and _QUESTION.search(rest):  # noqa: PLR2004 # a question word and what it asks about
        return COMPLETE
    return COMPLETE if len(words) > WORDS_OF_A_THOUGHT else None
