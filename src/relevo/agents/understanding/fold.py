"""Reduces what people type to a form in which spelling mistakes, accents and chat style no longer matter.

Pure text in, text out; it never looks at the playbook and never decides what a message means.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import cast

from relevo.agents.understanding.chat_words import CHAT_WORDS

MAX_CHARS = 4000
"""Longer texts are cut before anything else, so that no pattern meets unbounded input."""

_URL = re.compile(r"(?:https?://|\bwww\.)\S+")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,24}){1,4}")
_LONG_NUMBER = re.compile(r"\+?\d(?:[\s().-]?\d){6,}")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_TOKEN = re.compile(r"[a-z]+|_[a-z]+_")
_APOSTROPHE = re.compile(r"(?<=[a-z])['’´`](?=[a-z])")
_REPEATED = re.compile(r"([a-z])\1{2,}")
_DOUBLED = re.compile(r"([a-z])\1+")

# Order matters: digraphs before single letters. The sounds are those that Spanish and Portuguese writers confuse.
_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"ph", "f"),
        (r"(?:sh|ch)", "X"),
        (r"nh", "n"),
        (r"lh", "y"),
        (r"ll", "y"),
        (r"qu(?=[ei])", "k"),
        (r"qu", "ku"),
        (r"gu(?=[ei])", "G"),
        (r"g(?=[ei])", "j"),
        (r"sc(?=[ei])", "s"),
        (r"c(?=[eiy])", "s"),
        (r"[cq]", "k"),
        (r"z", "s"),
        (r"v", "b"),
        (r"w", "u"),
        (r"h", ""),
        (r"x", "s"),
        (r"(?<=[aeou])y\b", "i"),
        (r"m(?=[bp])", "n"),
    )
)


def plain(text: str) -> str:
    """Lower case without accents; everything else stays (length may change)."""
    if text.isascii():
        return text[:MAX_CHARS].lower()
    decomposed = unicodedata.normalize("NFKD", text[:MAX_CHARS].casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def tokens(text: str) -> list[str]:
    """Split into words, abbreviations written out; numbers are `_n_`, phones `_tel_`, links `_url_`, mail `_mail_`."""
    flat = _URL.sub(" _url_ ", plain(text))
    flat = _EMAIL.sub(" _mail_ ", flat)
    flat = _LONG_NUMBER.sub(" _tel_ ", flat)
    flat = _NUMBER.sub(" _n_ ", flat)
    flat = _REPEATED.sub(r"\1", _APOSTROPHE.sub("", flat))
    words: list[str] = []
    for word in cast("list[str]", _TOKEN.findall(flat)):
        words.extend(CHAT_WORDS.get(word, word).split())
    return words


@lru_cache(maxsize=20_000)
def sound(word: str) -> str:
    """Spell a word as it is heard: b/v, s/c/z, ll/y, silent h, qu/k and doubled letters fall together."""
    if word.startswith("_"):
        return word
    for pattern, replacement in _SOUNDS:
        word = pattern.sub(replacement, word)
    return _DOUBLED.sub(r"\1", word.lower())


def sounds(text: str) -> list[str]:
    """Return the tokens of a text as they sound."""
    return [heard for heard in map(sound, tokens(text)) if heard]
