"""Finds a telephone number of the countries a shop serves, in digits however spaced, or in words.

Prices, document numbers and order numbers are not telephones. Validity is libphonenumber's judgement.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import phonenumbers

from relevo.agents.understanding.slots.amounts import WORDS, fits
from relevo.agents.understanding.slots.base import Match, Outcome, Problem, SlotContext, level

if TYPE_CHECKING:
    from relevo.agents.playbook.slots import PhoneSlot

_RUN = re.compile(r"\+?\(?\d(?:[\s().\-–]{0,3}\d){5,17}")
_OTHER_NUMBER = re.compile(
    r"(?:\$|\b(?:cc|cedula|nit|guia|pedido|orden|order|factura|cpf|rut|dni|documento|"
    r"id)\b\W{0,3}(?:no\.?|numero|#|es)?\W{0,3})$"
)
_THOUSAND = 1000
_DIGIT_WORDS = "|".join(sorted((word for word, value in WORDS.items() if value < _THOUSAND), key=len, reverse=True))
_SPOKEN = re.compile(
    rf"\b(?:{_DIGIT_WORDS}|\d{{1,4}})(?:[\s,.\-]{{1,3}}(?:y\s|e\s)?(?:{_DIGIT_WORDS}|\d{{1,4}})\b){{3,11}}"
)
_MOBILE = frozenset({phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE})
_SHORTEST = 7


def find(spec: PhoneSlot, text: str, context: SlotContext) -> Outcome:
    """Return the first number valid in the slot's regions, as E.164; when asked, the first one's problem."""
    flat = level(text)
    regions = spec.regions or (context.country,)
    problem: Problem | None = None
    for start, end, written in _candidates(flat):
        value = _valid(written, regions, mobile=spec.mobile)
        if isinstance(value, str):
            return Match(value, start, end)
        problem = problem or value
    return problem if context.asked else None


def _candidates(flat: str) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    for run in _RUN.finditer(flat):
        digits = sum(letter.isdigit() for letter in run.group())
        if digits >= _SHORTEST - 1 and not _OTHER_NUMBER.search(flat[max(0, run.start() - 24) : run.start()]):
            found.append((run.start(), run.end(), run.group()))
    for spoken in _SPOKEN.finditer(flat):
        digits = _dictated(spoken.group())
        if len(digits) >= _SHORTEST and re.search(r"[a-z]", spoken.group()):
            found.append((spoken.start(), spoken.end(), digits))
    return found


def _dictated(words: str) -> str:
    """Digits as dictated: "trescientos diez, cuatro cincuenta y seis" is 310 456."""
    out: list[str] = []
    last = 0
    """Value of the last word when a smaller one may still be added to it, else 0."""
    for word in re.findall(r"[a-z]+|\d+", words):
        if word in {"y", "e"}:
            continue
        if word.isdigit():
            out.append(word)
            last = 0
            continue
        value = WORDS[word]
        if fits(value, last):
            out[-1] = str(int(out[-1]) + value)
        else:
            out.append(str(value))
        last = value if value >= 20 else 0  # noqa: PLR2004
    return "".join(out)


def _valid(written: str, regions: tuple[str, ...], *, mobile: bool) -> str | Problem:
    digits = re.sub(r"\D", "", written)
    attempts = [written] if written.startswith("+") else [digits, "+" + digits]
    problem = Problem("invalid")
    for region in regions:
        for attempt in attempts:
            try:
                number = phonenumbers.parse(attempt, region)
            except phonenumbers.NumberParseException:
                continue
            if not phonenumbers.is_valid_number(number):
                continue
            if phonenumbers.region_code_for_number(number) not in regions:
                problem = Problem("country")
            elif mobile and phonenumbers.number_type(number) not in _MOBILE:
                problem = Problem("not_mobile")
            else:
                return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return problem
