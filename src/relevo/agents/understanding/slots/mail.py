"""Finds an e-mail address, also as people dictate it ("ana punto ruiz arroba gmail punto com")."""

from __future__ import annotations

import re

from relevo.agents.understanding.slots.base import Match, Outcome, Problem, SlotContext, level

_ADDRESS = re.compile(r"[a-z0-9][a-z0-9._%+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}")
_SPOKEN = re.compile(
    r"[a-z0-9][a-z0-9._%+-]{0,40}(?:\s(?:punto|ponto|dot|guion bajo|underscore)\s[a-z0-9]{1,30}){0,3}\s{0,2}"
    r"(?:@|arroba|\(at\)|\bat\b)\s{0,2}[a-z0-9-]{2,40}(?:\s?(?:\.|punto|ponto|dot)\s?[a-z]{2,10}){1,3}"
)
_TYPOS = {
    "gmial.com": "gmail.com",
    "gamil.com": "gmail.com",
    "gmai.com": "gmail.com",
    "gmail.co": "gmail.com",
    "gmail.con": "gmail.com",
    "hotmial.com": "hotmail.com",
    "hotmail.con": "hotmail.com",
    "outlook.con": "outlook.com",
}


def find(text: str, context: SlotContext) -> Outcome:
    """Return the first e-mail address; a problem when one was asked for and something with an @ is none."""
    flat = level(text)
    found = _ADDRESS.search(flat)
    if found:
        return Match(_mended(found.group()), found.start(), found.end())
    spoken = _SPOKEN.search(flat)
    if spoken:
        written = re.sub(r"\s(?:guion bajo|underscore)\s", "_", spoken.group())
        written = re.sub(r"\s?(?:arroba|\(at\)|\bat\b)\s?", "@", written)
        written = re.sub(r"\s?\b(?:punto|ponto|dot)\b\s?", ".", written).replace(" ", "")
        if _ADDRESS.fullmatch(written):
            return Match(_mended(written), spoken.start(), spoken.end())
    return Problem("email") if context.asked and ("@" in text or "arroba" in flat) else None


def _mended(address: str) -> str:
    local, _, domain = address.rstrip(".").partition("@")
    return f"{local}@{_TYPOS.get(domain, domain)}"
