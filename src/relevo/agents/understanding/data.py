"""Finds the values a message holds: for the slot asked for and any other; given unasked, corrected or withdrawn.

Order matters: what has an unmistakable form (e-mail, phone, address) is taken out first, then each clause is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from relevo.agents.commands import ClearSlot, InvalidSlot, SetSlot
from relevo.agents.playbook.slots import AddressSlot, ChoiceSlot, CitySlot, FreeSlot, PersonSlot, RegionSlot
from relevo.agents.playbook.values import all_variants, in_language
from relevo.agents.understanding.clauses import Clause, clauses
from relevo.agents.understanding.slots import Match, Outcome, Problem, SlotContext, blank, level, parse_slot, region_of
from relevo.agents.understanding.slots.address import barrio
from relevo.agents.understanding.slots.options import names_of
from relevo.agents.understanding.slots.person import is_first_name
from relevo.agents.understanding.slots.places import is_city, known_city
from relevo.agents.understanding.small_talk import kinds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from relevo.agents.commands import ReadingContext
    from relevo.agents.playbook.model import Playbook
    from relevo.agents.playbook.slots import SlotSpec

_UNMISTAKABLE = ("email", "phone", "address")
_BY_CLAUSE = ("offer", "choice", "city", "region", "date", "number", "person", "free")
_LOOSE = frozenset({"person", "free", "number"})
"""Kinds whose parsers would also take a sentence for a value: an intent that is sure goes first."""
_CORRECTING = re.compile(
    r"\b(?:mejor|cambi[aeo]\w*|corrij\w*|correccion|perdon|me equivoque|en realidad|"
    r"ahora que lo pienso|no,? (?:es|era|son|que sea|mejor)|que sea|que sean|actually|"
    r"instead|sorry|make it|change|na verdade|errei|melhor|muda\w*|troca\w*)\b"
)
_WRONG = re.compile(
    r"\b(?:es otr[oa]|no es es[ae]|esta mal|quedo mal|equivocad[oa]|incorrect[oa]|"
    r"errad[oa]|me equivoque|cambi(?:ar|o|e|ame|eme|emos|a)|corregir|corrige|modificar|"
    r"otra direccion|es diferente|e outr[oa]|mudar|trocar|wrong|change|different)\b"
)
_CALLED = {
    "person": "nombre name nome",
    "phone": "telefono celular numero cel phone fone",
    "city": "ciudad municipio city cidade",
    "region": "departamento region state estado",
    "address": "direccion address endereco",
    "email": "correo email mail",
    "offer": "cantidad pack promo combo quantity quantidade",
    "date": "fecha dia date data",
}
_SHORT_CLAUSE = 6
_LONG_OPTION = 4
_BEFORE = r"^\W*(?:(?:ay|uy|la verdad|pues|mmm*|eh|no|hola|perdon|ni idea)\W+){0,3}"
_NOT_KNOWN = re.compile(
    _BEFORE
    + r"(?:no (?:lo |la |me )?(?:se|sabria|recuerdo|acuerdo|conozco|estoy segur[oa])\b|ni idea|nao (?:sei|lembro)|"
    r"i (?:do not|don'?t|dont) (?:know|remember)|not sure|no idea|cualquiera|(?:l[ao]|el) que sea|me da igual|da igual|"
    r"(?:tu|usted) (?:escoge|elige|decide)|tanto faz|whatever|anything|any$)"
)
_NOT_HAD = re.compile(
    _BEFORE + r"(?:no (?:la |lo )?(?:tengo|aplica|hay)\b|ningun[oa]?\b|nao tenho|i (?:don'?t|do not) have|none\b|"
    r"n/?a$|sin barrio)"
)
_CAN_BE_MISSING = frozenset({"free", "address", "email", "phone", "number", "region"})
_NOT_KNOWN_WORDS = 8
NOT_KNOWN = "not_known"
"""The reason of an `InvalidSlot` where the customer says not to know."""
_NO_VALUE = re.compile(
    r"\b(?:ya (?:te|se|le) (?:lo |la )?(?:di\b|dije|dimos|mande|envie|puse)|arriba esta|es la misma|el mismo|"
    r"i told you)"
)


@dataclass(slots=True)
class Data:
    """What was found, and the message with the values put out of reach."""

    commands: list[SetSlot | ClearSlot] = field(default_factory=list[SetSlot | ClearSlot])
    problem: InvalidSlot | None = None
    rest: str = ""
    answered: bool = False
    """The slot being asked for has its value."""
    correcting: bool = False

    @property
    def found(self) -> dict[str, str]:
        """Values by slot."""
        return {command.slot: command.value for command in self.commands if isinstance(command, SetSlot)}


class SlotReader:
    """Reads values for the slots of one playbook."""

    def __init__(self, playbook: Playbook) -> None:
        self._specs: dict[str, SlotSpec] = dict(playbook.slots)
        self._items = playbook.catalog
        self._country = playbook.business.country
        self._zone = ZoneInfo(playbook.business.timezone)
        self._stops = tuple(
            said
            for spec in self._specs.values()
            if isinstance(spec, ChoiceSlot)
            for names in names_of(spec).values()
            for said in names
            if len(said) >= _LONG_OPTION
        )
        self._called = {name: _called(name, spec) for name, spec in self._specs.items()}

    def asked(self, context: ReadingContext) -> str | None:
        """Return the slot the last question was about, None for confirmations and anything else."""
        return context.asking if context.asking in self._specs else None

    def spec(self, name: str) -> SlotSpec | None:
        """Return the slot of that name."""
        return self._specs.get(name)

    def read(self, text: str, context: ReadingContext, is_intent: Callable[[str], bool]) -> Data:
        """Every value of the message. `is_intent` tells whether a clause surely says something else."""
        data = Data(rest=text, correcting=bool(_CORRECTING.search(level(text))))
        if not self._specs:
            return data
        order = self._order(context)
        for name in sorted(
            order, key=lambda n: _UNMISTAKABLE.index(self._specs[n].type) if self._specs[n].type in _UNMISTAKABLE else 9
        ):
            if self._specs[name].type in _UNMISTAKABLE and name not in data.found:
                self._take(data, name, text, Clause(0, len(text), asking=False), context)
        if self._not_known(data, text, context):
            return data
        self._beside(data, context)
        for clause in clauses(data.rest):
            self._clause(data, text, clause, order, context, is_intent)
        self._bare_number(data, text, context)
        self._joined(data, text, context)
        self._regions(data, context)
        self._withdrawn(data, text, context)
        if data.answered:
            data.problem = None
        return data

    def _not_known(self, data: Data, text: str, context: ReadingContext) -> bool:
        """Take "no sé", "no tengo" for what it says of the slot asked for: its `unknown`, or nothing to be had."""
        asked = self.asked(context)
        flat = level(text)
        short = len(flat.split()) <= _NOT_KNOWN_WORDS and not re.search(r"\d|\?", flat)
        if asked is None or data.commands or not short:
            return False
        spec = self._specs[asked]
        if not _NOT_KNOWN.match(flat) and not (spec.type in _CAN_BE_MISSING and _NOT_HAD.match(flat)):
            return False
        if spec.type in {"choice", "offer"} and isinstance(
            self._parse(asked, spec, text, self._context(context, asked=True)), Match
        ):
            return False
        if spec.unknown is not None:
            data.commands.append(
                SetSlot(asked, in_language(spec.unknown, context.locale, context.locale), text.strip())
            )
            data.answered = True
        else:
            data.problem = InvalidSlot(asked, text.strip(), NOT_KNOWN)
        data.rest = ""
        return True

    def _beside(self, data: Data, context: ReadingContext) -> None:
        """Take the city named next to an address, wherever it stands in the message."""
        if not any(isinstance(self._specs[name], AddressSlot) for name in data.found):
            return
        for name, spec in self._specs.items():
            city = known_city(level(data.rest)) if isinstance(spec, CitySlot) and name not in data.found else None
            if city is None:
                continue
            known = context.slots.get(name)
            data.commands.append(SetSlot(name, city.value, correction=known is not None and known != city.value))
            data.answered = data.answered or name == self.asked(context)
            data.rest = blank(data.rest, city.start, city.end)

    def _order(self, context: ReadingContext) -> list[str]:
        """Return the slot asked for first, then those still empty, then the rest; names stay together.

        "Soy Ana Ruiz" fills given name and surname, so that no other slot may take the words in between.
        """
        asked = self.asked(context)
        order = sorted(self._specs, key=lambda name: (name != asked, name in context.slots))
        people = [name for name in order if self._specs[name].type == "person"]
        if not people:
            return order
        place = order.index(people[0])
        return [*order[:place], *people, *(name for name in order[place:] if name not in people)]

    def _context(self, context: ReadingContext, *, asked: bool) -> SlotContext:
        return SlotContext(
            today=context.now.astimezone(self._zone).date(),
            country=self._country,
            locale=context.locale,
            items=self._items,
            asked=asked,
            stops=self._stops,
        )

    def _take(self, data: Data, name: str, text: str, clause: Clause, context: ReadingContext) -> bool:
        """Try one slot on one clause of what is left; True when it got a value."""
        spec = self._specs[name]
        asked = name == self.asked(context)
        corrected = data.correcting and name in context.slots and spec.type not in {"person", "free"}
        body = data.rest[clause.start : clause.end]
        outcome = self._parse(name, spec, body, self._context(context, asked=asked or corrected))
        if isinstance(outcome, Problem):
            if asked or spec.type == "offer":
                data.problem = data.problem or InvalidSlot(name, body.strip(), outcome.reason)
            return False
        if outcome is None:
            return False
        if asked and isinstance(spec, PersonSlot):
            outcome = self._completed(spec, outcome, context)
        start, end = clause.start + outcome.start, clause.start + outcome.end
        known = context.slots.get(name)
        correction = known is not None and known != outcome.value
        data.commands.append(SetSlot(name, outcome.value, text[start:end].strip(), correction=correction))
        data.answered = data.answered or asked
        if spec.type != "person":
            data.rest = blank(data.rest, start, end)
        return True

    def _completed(self, spec: PersonSlot, outcome: Match, context: ReadingContext) -> Match:
        """Put "Ruiz Peña" after the "Ana" that alone was not enough the turn before."""
        before = next((h.text for h in reversed(context.history) if h.author == "customer"), "")
        asked = self._context(context, asked=True)
        first = level(outcome.value).split()[0]
        if spec.min_words < 2 or is_first_name(first) or len(before.split()) > _SHORT_CLAUSE:  # noqa: PLR2004
            return outcome
        if not isinstance(found := parse_slot(spec, before, asked), Problem) or found.reason != "min_words":
            return outcome
        given = parse_slot(spec.model_copy(update={"min_words": 1}), before, asked)
        if not isinstance(given, Match) or not is_first_name(level(given.value).split()[0]):
            return outcome
        return replace(outcome, value=f"{given.value} {outcome.value}")

    def _parse(self, name: str, spec: SlotSpec, body: str, context: SlotContext) -> Outcome:
        if isinstance(spec, FreeSlot) and _is_barrio(name):
            flat = level(body)
            if context.asked and is_city(flat.strip(" .,")):
                return None
            if context.asked and _NO_VALUE.search(flat):
                return Problem(NOT_KNOWN)
            return barrio(body, asked=context.asked)
        return parse_slot(spec, body, context)

    def _clause(  # noqa: C901 # the one place where everything about a clause comes together
        self,
        data: Data,
        text: str,
        clause: Clause,
        order: list[str],
        context: ReadingContext,
        is_intent: Callable[[str], bool],
    ) -> None:
        body = text[clause.start : clause.end]
        asked = self.asked(context)
        talk = kinds_of(body) is not None
        intent: bool | None = None
        named: tuple[int, int] | None = None
        for name in order:
            spec = self._specs[name]
            if spec.type not in _BY_CLAUSE or name in data.found or not data.rest[clause.start : clause.end].strip():
                continue
            if name != asked and not self._volunteered(spec, body, clause, data, context):
                continue
            if clause.asking and spec.type != "offer":
                continue
            if talk and (spec.type != "choice" or name != asked):
                continue
            if spec.type in _LOOSE and not _introduces(body):
                intent = is_intent(body) if intent is None else intent
                if intent:
                    continue
            if named and spec.type != "person":
                data.rest = blank(data.rest, *named)
                named = None
            if self._take(data, name, text, clause, context) and spec.type == "person":
                named = (clause.start, clause.end)
        if named:
            data.rest = blank(data.rest, *named)

    def _volunteered(self, spec: SlotSpec, body: str, clause: Clause, data: Data, context: ReadingContext) -> bool:
        """Whether a clause may hold this kind of value although something else, or nothing, was asked."""
        if spec.type in {"number", "free"}:
            return _is_barrio(level(body))
        expecting = bool(context.asking or context.flow or data.commands)
        if spec.type == "person":
            return _introduces(body) or (expecting and not clause.asking)
        if spec.type == "date":
            return expecting and len(body.split()) <= _SHORT_CLAUSE
        return True

    def _bare_number(self, data: Data, text: str, context: ReadingContext) -> None:
        """Take "2" for how many, where an order lacks that and the open question wants no number."""
        asked = self.asked(context)
        waiting = asked is not None and self._specs[asked].type in {"person", "city", "region", "email", "free"}
        if data.commands or not waiting or len(text.split()) > 1 or not re.search(r"\d", text):
            return
        for name, spec in self._specs.items():
            if spec.type == "offer" and name not in context.slots:
                outcome = parse_slot(spec, text, self._context(context, asked=True))
                if isinstance(outcome, Match):
                    data.commands.append(SetSlot(name, outcome.value, text.strip()))
                    data.rest, data.problem, data.answered = "", None, True
                    return

    def _joined(self, data: Data, text: str, context: ReadingContext) -> None:
        """Take a name sent in pieces ("Ana", then "Ruiz") as one."""
        asked = self.asked(context)
        if asked is None or data.answered or self._specs[asked].type != "person" or "\n" not in text:
            return
        lines = [line.strip() for line in text.splitlines() if line.strip() and kinds_of(line) is None]
        if not 1 < len(lines) <= 3 or any(len(line.split()) > 2 for line in lines):  # noqa: PLR2004
            return
        outcome = parse_slot(self._specs[asked], " ".join(lines), self._context(context, asked=True))
        if isinstance(outcome, Match):
            data.commands.append(SetSlot(asked, outcome.value, " ".join(lines)))
            data.answered, data.rest = True, ""

    def _regions(self, data: Data, context: ReadingContext) -> None:
        """Take the department from a city that exists only once."""
        for name, spec in self._specs.items():
            if isinstance(spec, RegionSlot) and spec.of_city in data.found and name not in data.found:
                region = region_of(data.found[spec.of_city])
                if region is not None and context.slots.get(name) != region:
                    data.commands.append(SetSlot(name, region, correction=name in context.slots))

    def _withdrawn(self, data: Data, text: str, context: ReadingContext) -> None:
        """Clear what is said to be wrong without the right value ("la dirección es otra")."""
        for clause in clauses(text):
            flat = level(text[clause.start : clause.end])
            if clause.asking or not _WRONG.search(flat):
                continue
            for name, called in self._called.items():
                if name in context.slots and name not in data.found and called.search(flat):
                    data.commands.append(ClearSlot(name))
                    data.rest = blank(data.rest, clause.start, clause.end)


def _called(name: str, spec: SlotSpec) -> re.Pattern[str]:
    """Name what customers call a slot: its label, its name, and the usual words for its kind."""
    said = {*level(name.replace("_", " ")).split(), *_CALLED.get(spec.type, "").split()}
    if spec.label is not None:
        said |= {level(label) for label in all_variants(spec.label)}
    words = sorted((re.escape(word) for word in said if len(word) > 2), key=len, reverse=True)  # noqa: PLR2004
    return re.compile(rf"\b(?:{'|'.join(words) or '(?!)'})s?\b")


def _is_barrio(name: str) -> bool:
    return bool(re.search(r"\b(?:barrio|bairro|neighbou?rhood)\b", name.replace("_", " ")))


def _introduces(body: str) -> bool:
    return bool(
        re.search(
            r"\b(?:soy|me llamo|mi nombre|a nombre de|nombre|recibe|"
            r"mi (?:espos[oa]|mama|papa|hij[oa]|herman[oa])|meu nome|me chamo|sou|"
            r"em nome de|i am|i'm|my name|this is)\b",
            level(body),
        )
    )


def without_values(data: Data, clause: Clause) -> str:
    """Name what a clause still says once its values are taken out."""
    return data.rest[clause.start : clause.end].replace("\n", " ").strip()
