"""Finds whole numbers written in digits or in Spanish, Portuguese or English words ("2mil", "mil quinientos", "two").

Small rules instead of a general parser: general parsers read "una", "once" and "second" as numbers where they are not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITS = """
0 cero zero
1 un uno una um uma one
2 dos dois duas two
3 tres three
4 cuatro quatro four
5 cinco five
6 seis six
7 siete sete seven
8 ocho oito eight
9 nueve nove nine
10 diez dez ten
11 once onze eleven
12 doce doze twelve
13 trece treze thirteen
14 catorce quatorze catorze fourteen
15 quince quinze fifteen
16 dieciseis dezesseis dezasseis sixteen
17 diecisiete dezessete seventeen
18 dieciocho dezoito eighteen
19 diecinueve dezenove nineteen
20 veinte vinte twenty
21 veintiun veintiuno veintiuna
22 veintidos
23 veintitres
24 veinticuatro
25 veinticinco
26 veintiseis
27 veintisiete
28 veintiocho
29 veintinueve
30 treinta trinta thirty
40 cuarenta quarenta forty fourty
50 cincuenta cinquenta fifty
60 sesenta sessenta sixty
70 setenta seventy
80 ochenta oitenta eighty
90 noventa ninety
100 cien ciento cem cento
200 doscientos doscientas duzentos duzentas
300 trescientos trescientas trezentos trezentas
400 cuatrocientos cuatrocientas quatrocentos quatrocentas
500 quinientos quinientas quinhentos quinhentas
600 seiscientos seiscientas seiscentos seiscentas
700 setecientos setecientas setecentos setecentas
800 ochocientos ochocientas oitocentos oitocentas
900 novecientos novecientas novecentos novecentas
"""
WORDS: dict[str, int] = {
    word: int(value) for value, *words in map(str.split, _UNITS.strip().splitlines()) for word in words
}
_SCALES = {
    "mil": 1000,
    "thousand": 1000,
    "millon": 10**6,
    "millones": 10**6,
    "milhao": 10**6,
    "milhoes": 10**6,
    "million": 10**6,
}
_GROUPS = {"docena": 12, "duzia": 12, "dozen": 12, "par": 2, "pair": 2, "parcito": 2}
_ARTICLES = frozenset({"un", "una", "uno", "um", "uma", "one"})
_JOINTS = frozenset({"y", "e", "and"})
_PIECE = re.compile(r"\d+(?:[.,]\d{3})+(?![\d])|\d+|[a-z]+")
_LARGEST = 10**9


@dataclass(frozen=True, slots=True)
class Amount:
    """A whole number and where it stands."""

    value: int
    start: int
    end: int
    words: bool
    """Written in words."""
    money: bool
    """Marked as money: `$`, `pesos`, `reais`, or thousands shorthand such as 50k."""
    article: bool = False
    """A bare "un", "una", "um", which may be no number at all."""


_MONEY_BEFORE = re.compile(r"(?:\$|r\$|usd|cop|€)\s*$")
_MONEY_AFTER = re.compile(
    r"\s*(?:\$|€|k\b|pesos?\b|reais\b|real\b|dolares?\b|dollars?\b|bucks\b|lucas?\b|"
    r"barras\b|cop\b|usd\b|soles\b|euros?\b)"
)


def amounts(flat: str) -> list[Amount]:
    """Every number of a levelled text, in order. Digits glued to letters ("k2", "2x1") are left out, "2mil" is not."""
    found: list[Amount] = []
    pieces = [piece for piece in _PIECE.finditer(flat) if not _glued(flat, piece)]
    place = 0
    while place < len(pieces):
        amount, place = _read(flat, pieces, place)
        if amount is not None:
            found.append(amount)
    return found


def _glued(flat: str, piece: re.Match[str]) -> bool:
    before = flat[piece.start() - 1 : piece.start()]
    if piece.group()[0].isdigit():
        after = flat[piece.end() : piece.end() + 4]
        return (before.isalpha() or before in {"#", "°"}) or bool(
            re.match(r"[a-z]", after) and not re.match(r"mil|k\b", after)
        )
    return before.isdigit() and piece.group() not in _SCALES


def _read(  # noqa: C901, PLR0912 # one rule after the other, as numbers are read aloud
    flat: str, pieces: list[re.Match[str]], place: int
) -> tuple[Amount | None, int]:
    """One number starting at piece `place`, and the place after it."""
    total = part = 0
    last = -1
    """Size of the last word added: a smaller one must follow ("treinta y dos", not "dos treinta")."""
    begin = place
    digits = False
    while place < len(pieces):
        word = pieces[place].group()
        if place > begin and not _adjacent(flat, pieces[place - 1], pieces[place]):
            break
        if word[0].isdigit():
            if place > begin:
                break
            part, last, digits = int(re.sub(r"[.,]", "", word[:12])), 0, True
        elif word in _SCALES:
            if last == -1 and word != "mil":
                break
            total += (part or 1) * _SCALES[word]
            part, last, digits = 0, 1000, False
        elif word in WORDS and not digits and (last == -1 or fits(WORDS[word], last)):
            part += WORDS[word]
            last = WORDS[word]
        elif word in _JOINTS and last >= 20 and _joins(pieces, place, last):  # noqa: PLR2004  # "veinte y uno"
            pass
        elif word in _GROUPS and (last <= 0 or part < 10) and place > begin:  # noqa: PLR2004
            return _amount(flat, pieces, begin, place + 1, max(1, part) * _GROUPS[word]), place + 1
        elif word == "media" and place == begin and _next(pieces, place) in {"docena", "duzia"}:
            return _amount(flat, pieces, begin, place + 2, 6), place + 2
        else:
            break
        place += 1
    if place == begin or last == -1:
        return None, begin + 1
    value = total + part
    if value > _LARGEST:
        return None, place
    return _amount(flat, pieces, begin, place, value), place


def _amount(flat: str, pieces: list[re.Match[str]], begin: int, after: int, value: int) -> Amount:
    start, end = pieces[begin].start(), pieces[after - 1].end()
    money = bool(_MONEY_BEFORE.search(flat[max(0, start - 5) : start]) or _MONEY_AFTER.match(flat, end))
    words = flat[start].isalpha()
    return Amount(value, start, end, words, money, words and flat[start:end] in _ARTICLES)


def _adjacent(flat: str, one: re.Match[str], other: re.Match[str]) -> bool:
    return not flat[one.end() : other.start()].strip(" \t-")


def _next(pieces: list[re.Match[str]], place: int) -> str:
    return pieces[place + 1].group() if place + 1 < len(pieces) else ""


def fits(value: int, last: int) -> bool:
    """Whether a word of this value may follow one of `last`: hundreds, then tens, then units."""
    if last >= 1000:  # noqa: PLR2004  # after "mil" anything below a thousand
        return True
    if last >= 100:  # noqa: PLR2004
        return value < 100  # noqa: PLR2004
    if last >= 20 and last % 10 == 0:  # noqa: PLR2004
        return 0 < value < 10  # noqa: PLR2004
    return False


def _joins(pieces: list[re.Match[str]], place: int, last: int) -> bool:
    following = WORDS.get(_next(pieces, place))
    return following is not None and fits(following, min(last, 100))
