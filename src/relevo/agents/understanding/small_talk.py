"""Reads messages made of nothing but yes, no, thanks, laughter, greetings and emoji, and finds anger and wishes for a person.

Closed word lists in three languages; what a "sí" or "ok" answers is the reader's business, not this module's.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from relevo.agents.understanding.fold import sound, tokens

Kind = Literal[
    "thumb",
    "yes", "no", "acknowledgement", "laughter", "thanks", "goodbye", "greeting", "compliment", "unsure", "filler", "sad"
]  # fmt: skip

_PHRASES: dict[Kind, str] = {
    "yes": "si, sii, sip, sisas, claro, claro que si, por supuesto, desde luego, de una, hagale, hagamosle, hagalo, correcto, exacto, exactamente, asi es, afirmativo, confirmo, confirmado, si confirmo, todo bien, esta bien asi, todo correcto, de acuerdo, si senor, si senora, obvio, ese mismo, esa misma, por favor si, si por favor, sim, isso, isso mesmo, com certeza, claro que sim, pode ser, confirmado, certo, positivo, ta certo, yes, yeah, yep, yup, sure, of course, correct, thats right, that is right, right, go ahead, absolutely, confirm, i confirm, please do, sounds good, eso es, esta correcto, esta bien, si esta bien, todo esta bien, perfecto si, me parece bien, me parece, adelante, procede, proceda",
    "no": "no, nop, nope, nel, noo, para nada, negativo, todavia no, aun no, asi no, no senor, no senora, mejor no, de ninguna manera, nao, nn, ainda nao, de jeito nenhum, not yet, no way, never, nah, no es asi, incorrecto, esta mal, no esta bien, no es correcto, eso no",
    "acknowledgement": "ok, okey, okay, oki, okis, okeys, okk, listo, listos, vale, dale, bueno, bien, muy bien, va, ya, ah, ah ok, ah ya, aja, mm, entiendo, entendido, comprendo, perfecto, super, genial, excelente, chevere, bacano, de una, anotado, ta bom, esta bom, tudo bem, beleza, entendi, certo, perfeito, otimo, legal, blz, k, kk, alright, all right, got it, fine, great, cool, perfect, good, understood, i see, noted, ok ok, oh, uy, tranquilo, tranquila, no hay problema, sin problema",
    "laughter": "jaja, jajaja, jaj, jeje, jejeje, jiji, haha, hahaha, hehe, lol, lmao, kkk, kkkk, rsrs, xd, rs",
    "thanks": "gracias, muchas gracias, mil gracias, muchisimas gracias, gracias por todo, gracias por la informacion, muy amable, te agradezco, le agradezco, se agradece, agradecido, agradecida, dios te pague, dios le pague, obrigado, muito obrigado, obrigada, muito obrigada, valeu, agradeco, thanks, thank you, thank you so much, thanks a lot, many thanks, appreciate it, gracias por responder, gracias por su ayuda, gracias por tu ayuda",
    "goodbye": "adios, hasta luego, hasta manana, nos vemos, feliz dia, feliz tarde, feliz noche, buen dia gracias, que tengas buen dia, que tenga buen dia, que este bien, que estes bien, cuidate, bendiciones, hablamos, hablamos luego, hablamos despues, tchau, ate logo, ate mais, ate amanha, fica bem, goodbye, bye, bye bye, see you, see you later, have a nice day, good night, take care",
    "greeting": "hola, holaa, buenas, buenos dias, buen dia, buenas tardes, buenas noches, buena tarde, buena noche, muy buenas, muy buenos dias, muy buenas tardes, saludos, cordial saludo, que tal, como estas, como esta, como estan, como vas, que mas, oi, oie, ola, opa, oe, e ai, bom dia, boa tarde, boa noite, tudo bem, tudo bom, hi, hello, hey, hey there, hi there, good morning, good afternoon, good evening, how are you, hii, alo, hello there",
    "compliment": "que bonito, que lindo, que hermoso, me encanta, me gusta, muy lindo, hermoso, eres la mejor, eres el mejor, que buen servicio, excelente servicio, excelente atencion, muy buena atencion, que lindo, adorei, amei, muito bom, love it, i love it, so nice, beautiful, awesome, amazing, nice",
    "unsure": "no se, no lo se, nose, no estoy seguro, no estoy segura, nao sei, i do not know, not sure, no tengo idea, ni idea, cual, que, como, cual me recomiendas, cual es mejor",
    "filler": "por favor, please, porfavor, senorita, senora, senor, amiga, amigo, amor, reina, rey, linda, lindo, mi amor, mija, parce, mano, bro, jefe, vecina, corazon, moca, amigao, querida, querido, pues, entonces, muy, tan, tu, usted, y tu, y usted, sofi, dear, sir, madam, man, guys, team, hombre, mi rey, mi reina, dona, don, oye, mira, oiga, ve, ps, eh, e, a todos, there, de nuevo, otra vez, nuevamente, again",
}  # fmt: skip
_EMOJI: dict[Kind, str] = {
    "thumb": "👍👌✅💯🆗☑✔🙆🤝",
    "no": "👎❌🚫🙅",
    "thanks": "🙏🤗",
    "laughter": "😂🤣😆😹😅😄😁",
    "compliment": "❤😍🥰😘💕💖🔥🤩💙💚💛🧡💜♥💓💗👏🎉",
    "greeting": "👋",
    "acknowledgement": "😊🙂☺😉😌🤭😇🙌✨😀😃😎🤔🙈☕🌹🌷💪🫶🤙",
    "sad": "😢😭😡😠🤬😤😞😔☹🙁😒",
}
_EMOJI_KIND = {emoji: kind for kind, emojis in _EMOJI.items() for emoji in emojis}
_LAUGH = re.compile(r"^(?:(?:[jh]+[aeiou]+){2,}[jh]*|a?(?:ja){1,}j?a?|k{3,}|(?:rs){2,}|x+d+|lo+l)$")
_LONGEST = 6
_ANGRY = re.compile(
    r"\b(?:pesimo|pesima|estafador(?:es|a)?|ladron(?:es|a)?|rateros?|sinverguenzas?|incumplid[oa]s?|mentiros[oa]s?|estoy (?:muy |super )?(?:molest[oa]|brav[oa]|furios[oa]|indignad[oa]|cansad[oa] de|hart[oa]|enojad[oa]|emputad[oa])|"
    r"que (?:falta de respeto|abuso|descaro|asco|porqueria|mierda)|me (?:estafaron|robaron|enganaron)|nadie (?:me )?(?:responde|contesta)|los voy a denunciar|denunciar(?:los|e)|mierda|hijueputas?|hp|hpta|gonorreas?|malparid[oa]s?|idiotas?|imbecil(?:es)?|estupid[oa]s?|inutil(?:es)?|basura|"
    r"pessimo|pessima|ladroes|golpistas?|palhacada|absurdo|estou (?:muito )?(?:irritad[oa]|furios[oa]|com raiva|indignad[oa])|caralho|porra|merda|fdp|vergonha|"
    r"scammers?|thieves|furious|angry|pissed|ridiculous|unacceptable|worst (?:service|company|experience)|bullshit|fuck\w*|shit|stupid|idiots?|useless|rip ?off|wtf|sick of|fed up)\b"
)
_NOT_ANGRY = re.compile(
    r"\bno (?:es|son|sea|sean)(?: una?| unos)? (?:estafa\w*|ladron\w*|pesim\w*|basura)|\b(?:sera|es|son)\b[^.!]{0,20}\bestafador\w*\s?\?"
)
_PERSON = re.compile(
    r"\b(?:(?:hablar|comunicar(?:me|se)?|comuniqueme|chatear|contactar|pas(?:a|e)(?:me|nme)|falar|conversar|talk|speak|chat|connect me|transfer me|put me through)\b.{0,18}\b(?:asesor\w*|humano|humana|persona|alguien|agente|vendedor\w*|encargad\w*|pessoa|alguem|atendente|humana|human|person|someone|agent|representative|manager|real person)|"
    r"(?:quiero|necesito|busco|hay|quero|preciso de|i want|i need|get me)\s(?:a\s|an\s|un[a]?\s|um[a]?\s)?(?:asesor\w*|humano|persona real|agente|atendente|human|real person|agent|representative)|"
    r"(?:que me )?(?:atienda|llame|escriba) (?:una persona|alguien|un asesor|un humano)|^(?:asesor|asesora|humano|agente|atendente|human|agent|operator)$|me (?:puede[ns]?|pueden) llamar|call me please)\b"
)


@cache
def _by_sound() -> dict[tuple[str, ...], Kind]:
    found: dict[tuple[str, ...], Kind] = {}
    for kind, phrases in _PHRASES.items():
        for phrase in phrases.split(", "):
            found.setdefault(tuple(sound(word) for word in tokens(phrase)), kind)
    return found


def kinds_of(text: str) -> list[Kind] | None:
    """What a text is made of when it is made of small talk alone, in order; None when anything else is in it."""
    found, rest = leading(text)
    return found if not rest else None


def leading(text: str) -> tuple[list[Kind], list[str]]:
    """The small talk a text starts with (and its emoji), and the words that remain."""
    found: list[Kind] = []
    words = tokens(text)
    heard = [word if _LAUGH.match(word) else sound(word) for word in words]
    place = 0
    phrases = _by_sound()
    while place < len(heard):
        if _LAUGH.match(heard[place]):
            found.append("laughter")
            place += 1
            continue
        for size in range(min(_LONGEST, len(heard) - place), 0, -1):
            kind = phrases.get(tuple(heard[place : place + size]))
            if kind is not None:
                found.append(kind)
                place += size
                break
        else:
            break
    found += [_EMOJI_KIND[letter] for letter in text if letter in _EMOJI_KIND]
    return found, words[place:]


def is_angry(flat: str) -> bool:
    """Insults and open anger, in a levelled text."""
    return bool(_ANGRY.search(flat)) and not _NOT_ANGRY.search(flat)


def wants_person(flat: str) -> bool:
    """An explicit wish for a human, in a levelled text."""
    return bool(_PERSON.search(flat.strip(" .!¡?¿")))
