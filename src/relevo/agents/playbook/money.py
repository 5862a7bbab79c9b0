"""Money in words: formatting amounts, and finding amounts in a text. Never converts between currencies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relevo.agents.playbook.model import Business

_NO_DECIMALS = frozenset({"COP", "CLP", "PYG", "JPY", "KRW", "VND", "ISK"})
"""Currencies whose everyday smallest unit is the whole one (ISO 4217 gives COP two decimals nobody uses)."""
_SYMBOLS = {"BRL": "R$ ", "USD": "US$", "EUR": "€", "GBP": "£", "PEN": "S/ "}
_POINT_DECIMAL = frozenset({"US", "MX", "GT", "SV", "HN", "NI", "PA", "PE", "DO", "GB", "PR"})
"""Countries that write 1,234.50; the others of the list write 1.234,50."""

_NUMBER = r"\d[\d.,]*(?:\s?(?:mil|millones|k)\b)?"
_CURRENCY_WORDS = (
    r"(?:pesos?|cop|clp|mxn|usd|eur|brl|reais|real|d[oó]lar(?:es)?|dollars?|bucks|euros?|soles|mil|lucas?|millones)\b"
)
AMOUNT = re.compile(
    rf"(?:R\$|US\$|S/|[$€£]|\b(?:cop|usd|eur|brl|mxn|clp)\b)\s?{_NUMBER}"
    rf"|(?<![\d.,#]){_NUMBER}\s?(?:{_CURRENCY_WORDS}|[$€£])"
    r"|(?<![\d.,#])\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?(?![\d])",
    re.IGNORECASE,
)
"""Something a reader takes for money: a number with a sign or word of money, or written in thousands."""
PERCENT = re.compile(r"\d+(?:[.,]\d+)?\s?(?:%|por ?ciento|por cento|percent)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Currency:
    """How a shop writes money."""

    code: str
    decimals: int
    symbol: str
    thousands: str
    point: str

    @classmethod
    def of(cls, business: Business) -> Currency:
        """Return the currency of a business as its country writes it."""
        decimals = business.decimals
        if decimals is None:
            decimals = 0 if business.currency in _NO_DECIMALS else 2
        symbol = _SYMBOLS.get(business.currency, "$")
        english = business.country in _POINT_DECIMAL
        return cls(business.currency, decimals, symbol, "," if english else ".", "." if english else ",")

    def format(self, minor: int) -> str:
        """Write an amount of minor units, e.g. `$38.900` or `R$ 38,90`; whole amounts without decimals."""
        whole, rest = divmod(abs(minor), 10**self.decimals)
        text = f"{whole:,}".replace(",", self.thousands)
        if rest or (self.decimals and self.code == "BRL"):
            text += f"{self.point}{rest:0{self.decimals}d}"
        return f"{'-' if minor < 0 else ''}{self.symbol}{text}"


def digits(amount: str) -> str:
    """Reduce an amount as written to its digits, so that `$38.900` and `38900 pesos` compare equal."""
    bare = re.sub(r"[.,](\d{1,2})(?!\d)", "", amount) if re.search(r"[.,]\d{1,2}(?!\d)", amount) else amount
    number = re.sub(r"\D", "", bare).lstrip("0")
    return number + "000" if re.search(r"\d\s?(?:mil|k|lucas?)\b", amount, re.IGNORECASE) else number
