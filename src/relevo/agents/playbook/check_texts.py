"""What texts may hold: known placeholders, no literal price, no forbidden claim, words that fit on buttons."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from relevo.agents.playbook.money import AMOUNT
from relevo.agents.playbook.problems import Path, Problem, did_you_mean
from relevo.agents.playbook.replies import CatalogButtons
from relevo.agents.playbook.slots import ChoiceSlot
from relevo.agents.playbook.templates import placeholders, stray_brace
from relevo.agents.playbook.texts import bubbles, texts
from relevo.agents.playbook.values import all_variants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from relevo.agents.playbook.model import Playbook

PLAIN = frozenset(
    {
        "business.name", "business.persona", "catalog", "missing", "contact.name", "hours.next_person", "hours.people",
        "order.id", "order.total", "order.summary", "order.status",
    }
)  # fmt: skip
OF_ITEMS = frozenset({"price", "unit_price", "saving", "name"})
SECTIONS = {"facts": "fact", "amounts": "amount", "settings": "setting", "slots": "slot"}
OF_WORDS = frozenset({"question", "answer", "changes", "when", "time", "day"})
"""What the engine fills into its own sentences."""
BUTTON, BUTTONS, ROW, ROWS = 20, 3, 24, 10
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def folded(text: str) -> str:
    """Reduce a text to lower-case words without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w\s]", " ", letters).split())


def claim_pattern(claim: str) -> re.Pattern[str]:
    """Compile a forbidden claim; `*` stands for any ending."""
    body = re.escape(folded(claim.replace("*", " wildcard "))).replace(r"\ wildcard", r"\w*").replace(r"\ ", r"\s+")
    return re.compile(rf"(?<!\w){body}(?!\w)")


def text_problems(playbook: Playbook) -> Iterator[Problem]:
    """List what is wrong with what customers read."""
    prices = {str(item.price) for item in playbook.catalog if item.price > 0}
    claims = [(claim, claim_pattern(claim)) for claim in playbook.guardrails.claims_forbidden]
    for path, text in texts(playbook):
        yield from _languages(playbook, path, text)
        for wording in all_variants(text):
            for name in placeholders(wording):
                yield from _placeholder(playbook, path, name)
            if stray_brace(wording):
                yield Problem(path, "a brace that opens nothing known", "write {{ and }} for plain braces")
            bare = _PLACEHOLDER.sub(" ", wording)
            if amount := AMOUNT.search(bare) or _bare_price(bare, prices):
                hint = "prices live in `catalog` and `amounts`: use {price:…}, {unit_price:…}, {catalog} or {amounts.…}"
                yield Problem(path, f"a literal price (`{amount.group().strip()}`) in a text", hint)
            for claim, pattern in claims:
                if pattern.search(folded(bare)):
                    yield Problem(path, f"claims `{claim}`, which `guardrails.claims_forbidden` forbids")
    yield from _buttons(playbook)


def _bare_price(text: str, prices: Iterable[str]) -> re.Match[str] | None:
    return next((m for price in prices if len(price) > 2 and (m := re.search(rf"(?<!\d){price}(?!\d)", text))), None)  # noqa: PLR2004 # shorter ones are quantities


def _languages(playbook: Playbook, path: Path, text: object) -> Iterator[Problem]:
    if not isinstance(text, dict):
        return
    business = playbook.business
    if business.language not in text:
        yield Problem(path, f"lacks the shop's own language `{business.language}`")
    for language in text:  # pyright: ignore[reportUnknownVariableType] # keys of a text by language
        if language not in (business.language, *business.also):
            yield Problem(
                path, f"`{language}` is not a language of this shop", "add it to `business.also`", warning=True
            )


def _placeholder(playbook: Playbook, path: Path, name: str) -> Iterator[Problem]:
    if name in PLAIN or (path[0] == "words" and name in OF_WORDS):
        return
    function, _, item = name.partition(":")
    if item:
        if function not in OF_ITEMS:
            yield Problem(path, f"unknown `{{{name}}}`", did_you_mean(function, OF_ITEMS))
        elif playbook.item(item) is None:
            yield Problem(path, f"unknown item `{item}`", did_you_mean(item, [i.id for i in playbook.catalog]))
        return
    section, _, rest = name.partition(".")
    if section not in SECTIONS:
        yield Problem(path, f"unknown `{{{name}}}`", did_you_mean(name, PLAIN | {"facts.…", "slots.…"}))
        return
    key, _, part = rest.partition(".")
    known: dict[str, Iterable[str]] = {
        "facts": playbook.facts,
        "amounts": playbook.amounts,
        "settings": playbook.settings,
        "slots": playbook.slots,
    }
    if key not in set(known[section]):
        yield Problem(path, f"unknown {SECTIONS[section]} `{key}`", did_you_mean(key, known[section]))
    elif part and (section != "slots" or part not in {"ask", "label"}):
        yield Problem(path, f"unknown `{{{name}}}`", "a slot has `.ask` and `.label`")


def _buttons(playbook: Playbook) -> Iterator[Problem]:
    for path, bubble in bubbles(playbook):
        if bubble.buttons is not None and not isinstance(bubble.buttons, CatalogButtons):
            titles = [button.title for button in bubble.buttons]
            yield from _fits((*path, "buttons"), titles, BUTTONS, BUTTON, "buttons")
        if bubble.list is not None and not isinstance(bubble.list.rows, CatalogButtons):
            yield from _fits((*path, "list"), [row.title for row in bubble.list.rows], ROWS, ROW, "rows")
        if bubble.media is not None and not bubble.media[1].startswith(("https://", "{settings.")):
            reason = "WhatsApp fetches media from a public https address; until there is one, only the words are sent"
            hint = "give an https:// address, or a setting such as {settings.foto}"
            yield Problem((*path, bubble.media[0]), reason, hint, warning=bool(bubble.variants))
    for name, slot in playbook.slots.items():
        if isinstance(slot, ChoiceSlot) and len(slot.options) <= ROWS:
            yield from _fits(("slots", name, "options"), [o.title or o.id for o in slot.options], ROWS, ROW, "options")
    for name, intent in playbook.intents.items():
        if intent.title is not None:
            yield from _fits(("intents", name, "title"), [intent.title], 1, BUTTON, "titles")


def _fits(path: Path, titles: Iterable[object], most: int, longest: int, what: str) -> Iterator[Problem]:
    listed = list(titles)
    if len(listed) > most:
        yield Problem(path, f"{len(listed)} {what}, WhatsApp shows {most}")
    for title in listed:
        for wording in all_variants(title):  # pyright: ignore[reportArgumentType] # titles are texts
            if len(wording) > longest:
                yield Problem(path, f"`{wording}` is longer than the {longest} characters of WhatsApp's {what}")
