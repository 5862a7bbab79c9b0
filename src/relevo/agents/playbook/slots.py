"""The kinds of data a playbook can ask for. Says what a slot is; reading one from a message is understanding's work."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from relevo.agents.playbook.values import Duration, Form, Text


class Option(Form):
    """One answer of a choice."""

    id: Annotated[str, Field(min_length=1, max_length=60)]
    """What is stored, and what buttons carry."""
    title: Text | None = None
    """What the customer sees; the id when not given."""
    also: tuple[str, ...] = ()
    """Other ways to say it."""


def _options(value: object) -> object:
    if isinstance(value, list):
        return [{"id": item} if isinstance(item, str) else item for item in value]  # pyright: ignore[reportUnknownVariableType] # whatever YAML holds
    return value


Options = Annotated[
    tuple[Option, ...],
    Field(min_length=2, max_length=30),
    BeforeValidator(_options, json_schema_input_type=list[str | Option]),
]


class SlotBase(Form):
    """What every slot has."""

    ask: Text
    """The question."""
    retry: Text | None = None
    """What is said when an answer does not validate; a general sentence when not given."""
    label: Text | None = None
    """What summaries and follow-ups call it; the slot's name when not given."""
    unknown: Text | None = None
    """What is noted when the customer does not know it or has none ("no sé"); without it, it is asked for again."""
    optional: bool = False
    """Taken when given, never asked for."""
    keep: bool = True
    """Remembered for the customer's next order (an address is, the pack of today is not)."""


class OfferSlot(SlotBase):
    """Something of the catalogue; the value is the item's id."""

    type: Literal["offer"]
    items: tuple[str, ...] = ()
    """Which of the catalogue; all when empty."""
    times: str | None = None
    """A `number` slot that says how many of it."""
    keep: bool = False


class ChoiceSlot(SlotBase):
    """One of a few options; the value is the option's id."""

    type: Literal["choice"]
    options: Options
    keep: bool = False


class PersonSlot(SlotBase):
    """A person's name."""

    type: Literal["person"]
    part: Literal["full", "first", "last"] = "full"
    """`first` and `last` are for shops that keep them apart: "soy Ana Ruiz" then fills both."""
    min_words: Annotated[int, Field(ge=1, le=4)] = 1


class PhoneSlot(SlotBase):
    """A phone number; the value is E.164."""

    type: Literal["phone"]
    regions: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ()
    """Countries whose numbers are taken; the business's own when empty."""
    mobile: bool = False
    """Only mobile numbers."""
    default: Literal["wa_phone"] | None = None
    """`wa_phone`: the number the customer writes from, where it validates."""


class CitySlot(SlotBase):
    """A city or municipality from a list that ships with Relevo; the value is its official name."""

    type: Literal["city"]
    list: Literal["co_municipios"] = "co_municipios"
    fuzzy: Annotated[int, Field(ge=60, le=100)] = 88
    """How alike a misspelt name must be, 0 to 100."""


class RegionSlot(SlotBase):
    """A department or state; the value is its official name."""

    type: Literal["region"]
    list: Literal["co_departamentos"] = "co_departamentos"
    fuzzy: Annotated[int, Field(ge=60, le=100)] = 85
    of_city: str | None = None
    """The city slot that decides it where the city's name is unique."""


class AddressSlot(SlotBase):
    """A street address."""

    type: Literal["address"]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    needs: tuple[Literal["via", "numero", "barrio"], ...] = ("via", "numero")


class EmailSlot(SlotBase):
    """An e-mail address."""

    type: Literal["email"]


class NumberSlot(SlotBase):
    """A whole number, also in words; the value is its digits."""

    type: Literal["number"]
    min: int = 0
    max: int = 1_000_000


class DateSlot(SlotBase):
    """A day, also in words ("pasado mañana"); the value is ISO 8601 in the shop's zone."""

    type: Literal["date"]
    past: bool = False
    """Days before today are taken too."""
    within: Duration | None = None
    """How far ahead a day may lie."""
    keep: bool = False


class FreeSlot(SlotBase):
    """Any short text, taken only when asked for."""

    type: Literal["free"]
    min_chars: Annotated[int, Field(ge=1)] = 2
    max_chars: Annotated[int, Field(ge=1, le=500)] = 120


SLOT_TYPES = (
    "offer",
    "choice",
    "person",
    "phone",
    "city",
    "region",
    "address",
    "email",
    "number",
    "date",
    "free",
)

SlotSpec = Annotated[
    OfferSlot
    | ChoiceSlot
    | PersonSlot
    | PhoneSlot
    | CitySlot
    | RegionSlot
    | AddressSlot
    | EmailSlot
    | NumberSlot
    | DateSlot
    | FreeSlot,
    Field(discriminator="type"),
]
