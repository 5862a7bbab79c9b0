"""Reads messages of nothing but yes, no, thanks, laughter, greetings and emoji; finds anger and wishes for a person.

Closed word lists in three languages; what a "sí" or "ok" answers is the reader's business, not this module's.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from relevo.agents.understanding.fold import plain, sound, tokens

Kind = Literal[
    "thumb", "heard",
    "yes", "no", "acknowledgement", "laughter", "thanks", "goodbye", "greeting", "compliment", "unsure", "filler", "sad"
]  # fmt: skip

_EMOJI: dict[Kind, str] = {
    "thumb": "👍👌✅💯🆗☑✔🙆🤝",
    "no": "👎❌🚫🙅",
    "thanks": "🙏🤗",
    "laughter": "😂🤣😆😹😅😄😁",
    "compliment": "❤😍🥰😘💕💖🔥🤩💙💚💛🧡💜♥💓💗👏🎉",
    "greeting": "👋",
    "acknowledgement": "🙌💪🤙🫡",
    # Seen, or liked: says yes to nothing.
    "heard": "😊🙂☺😉😌🤭😇✨😀😃😎🤔🙈☕🌹🌷🫶🌙😴👀",
    "sad": "😢😭😡😠🤬😤😞😔☹🙁😒",
}
_ASKING = frozenset("❓❔⁉")
"""Drawn question marks: whatever else there is, something is asked."""
_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_EMOJI_KIND: dict[str, Kind] = {emoji: kind for kind, emojis in _EMOJI.items() for emoji in emojis}
_LAUGH = re.compile(r"^(?:(?:[jh]+[aeiou]+){2,}[jh]*|a?(?:ja){1,}j?a?|k{3,}|(?:rs){2,}|x+d+|lo+l)$")
_LAUGHTER = re.compile(r"\b(?:k{3,}|(?:rs){2,}|h(?:ue){2,})\b")
_LONGEST = 6
_ANGRY = re.compile(
    r"\b(?:pesimo|pesima|estafador(?:es|a)?|ladron(?:es|a)?|rateros?|sinverguenzas?|"
    r"incumplid[oa]s?|mentiros[oa]s?|estoy (?:muy |super )?(?:molest[oa]|brav[oa]|"
    r"furios[oa]|indignad[oa]|cansad[oa] de|hart[oa]|enojad[oa]|emputad[oa])|"
    r"que (?:falta de respeto|abuso|descaro|asco|porqueria|mierda)|me (?:estafaron|"
    r"robaron|enganaron)|nadie (?:me )?(?:responde|contesta)|los voy a denunciar|"
    r"denunciar(?:los|e)|mierda|hijueputas?|hp|hpta|gonorreas?|malparid[oa]s?|idiotas?|"
    r"imbecil(?:es)?|estupid[oa]s?|inutil(?:es)?|basura|"
    r"pessimo|pessima|ladroes|golpistas?|palhacada|absurdo|"
    r"estou (?:muito )?(?:irritad[oa]|furios[oa]|com raiva|indignad[oa])|caralho|porra|"
    r"merda|fdp|vergonha|"
    r"scammers?|thieves|furious|angry|pissed|ridiculous|unacceptable|worst (?:service|"
    r"company|experience)|bullshit|fuck\w*|shit|stupid|idiots?|useless|rip ?off|wtf|"
    r"sick of|fed up)\b"
)
_NOT_ANGRY = re.compile(
    r"\bno (?:es|son|sea|sean)(?: una?| unos)? (?:estafa\w*|ladron\w*|pesim\w*|basura)|"
    r"\b(?:sera|es|son)\b[^.!]{0,20}\bestafador\w*\s?\?"
)
_PERSON = re.compile(
    r"\b(?:(?:hablar|comunicar(?:me|se)?|comuniqueme|chatear|contactar|pas(?:a|e)(?:me|"
    r"nme)|falar|conversar|talk|speak|chat|connect me|transfer me|"
    r"put me through)\b.{0,18}\b(?:asesor\w*|humano|humana|persona|alguien|agente|"
    r"vendedor\w*|encargad\w*|pessoa|alguem|atendente|humana|human|person|someone|agent|"
    r"representative|manager|real person)|"
    r"(?:quiero|necesito|busco|hay|quero|preciso de|i want|i need|get me)\s(?:a\s|an\s|"
    r"un[a]?\s|um[a]?\s)?(?:asesor\w*|humano|persona real|agente|atendente|human|"
    r"real person|agent|representative)|"
    r"(?:que me )?(?:atienda|llame|escriba) (?:una persona|alguien|un asesor|un humano)|"
    r"^(?:asesor|asesora|humano|agente|atendente|human|agent|operator)$|me (?:puede[ns]?|"
    r"pueden) llamar|call me please)\b"
)


@cache
def _by_sound() -> dict[tuple[str, ...], Kind]:
    found: dict[tuple[str, ...], Kind] = {}
    text = (files("relevo.agents.understanding") / "data" / "small_talk.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        kind, _, phrases = line.partition(": ")
        if kind in _KINDS:
            for phrase in phrases.split(", "):
                found.setdefault(tuple(sound(word) for word in tokens(phrase)), _KINDS[kind])
    return found


def kinds_of(text: str) -> list[Kind] | None:
    """Name what a text is made of when it is made of small talk alone, in order; None when anything else is in it."""
    found, rest = leading(text)
    asks = bool(_ASKING & set(text)) or (not found and "?" in text)
    return found if not rest and not asks else None


def leading(text: str) -> tuple[list[Kind], list[str]]:
    """Return the small talk a text starts with (and its emoji), and the words that remain."""
    found: list[Kind] = []
    words = tokens(_LAUGHTER.sub(" jaja ", plain(text)))
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
    found.extend(_EMOJI_KIND[letter] for letter in text if letter in _EMOJI_KIND)
    return found, words[place:]


def is_angry(flat: str) -> bool:
    """Insults and open anger, in a levelled text."""
    return bool(_ANGRY.search(flat)) and not _NOT_ANGRY.search(flat)


def wants_person(flat: str) -> bool:
    """Return an explicit wish for a human, in a levelled text."""
    return bool(_PERSON.search(flat.strip(" .!¡?¿")))
