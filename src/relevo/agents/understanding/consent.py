"""Finds the wish not to be written to any more, and the wish to be written to again. Whole messages only."""

from __future__ import annotations

import re

from relevo.agents.understanding.slots.base import level

_POLITE = r"(?:(?:hola|buenas|por favor|porfa|porfavor|please|favor|ya|ok|no|gracias)[\s,.]*){0,3}"
_OUT = re.compile(
    rf"^{_POLITE}(?:baja|stop|salir|sair|parar|pare|quitar|unsubscribe|opt ?out|"
    rf"(?:me )?(?:quiero |deseo )?(?:que me den |dar(?:me|nos)? )(?:de )?baja|(?:quiero |"
    rf"deseo )?(?:desuscribir(?:me)?|cancelar (?:la )?suscripcion)|"
    r"d[ea]r?me de baja|denme de baja|descadastrar|me descadastre|"
    r"(?:no|nunca) (?:quiero que )?(?:me|nos) (?:escrib\w+|mand\w+|envi\w+|contact\w+|"
    r"llam\w+ ni escrib\w+|molest\w+)(?: mas| mas mensajes| nada| nada mas| mensajes|"
    r" nunca mas| publicidad| mas publicidad)*|"
    r"no (?:quiero|deseo) (?:recibir )?(?:mas )?(?:mensajes|publicidad|notificaciones|"
    r"informacion por este medio)|no mas mensajes|dejen? de (?:escribir|mandar|enviar|"
    r"molestar)(?:me|nos)?(?: mensajes)?|"
    r"(?:borren?|quiten?|eliminen?|saquen?)(?:me)? (?:de (?:la|su) lista|mi numero|"
    r"mis datos)(?: de (?:la|su) lista)?|"
    r"nao (?:quero (?:mais )?(?:receber )?(?:mensagens|mensagem)|me (?:mande|mandem|envie|"
    r"enviem|escreva|escrevam)(?: mais)?(?: mensagens| nada)?)|"
    r"pare(?:m)? de (?:me )?(?:mandar|enviar|escrever)(?: mensagens)?|remover|"
    r"(?:stop|quit) (?:messaging|texting|writing|contacting)(?: to)? me|(?:do not|don't|"
    r"dont) (?:message|text|write|contact)(?: to)? me(?: again| anymore| any more)?|"
    r"remove me(?: from (?:your|the) list)?|no more messages)"
    r"(?:\s(?:por favor|porfa|please|gracias|mas|nunca mas|ya))*$"
)
_IN = re.compile(
    r"^(?:alta|start|volver|voltar|reactivar|unstop|"
    r"quiero volver(?: a recibir (?:mensajes|informacion))?|"
    r"(?:quiero )?dar(?:me)? de alta|suscribirme|subscribe)$"
)


def _bare(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[^a-z0-9' ]+", " ", level(text[:200]))).strip()


def opts_out(text: str) -> bool:
    """Whether the whole message says: do not write to me."""
    return bool(_OUT.match(_bare(text)))


def opts_in(text: str) -> bool:
    """Whether the whole message says: write to me again."""
    return bool(_IN.match(_bare(text)))
