"""The playbook: what a shop's agent knows, says and does. Form only: it checks no reference and reads no file."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from relevo.agents.playbook.actions import Action, Flow
from relevo.agents.playbook.replies import Reply, Say
from relevo.agents.playbook.slots import SlotSpec
from relevo.agents.playbook.values import Duration, Form, Language, Name, Text

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
TimeSpan = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]
"""`08:00-18:00`, in the shop's zone; quote it in YAML."""


class Business(Form):
    """Who speaks."""

    name: str = ""
    country: Country = "CO"
    """Phone region, city list, number format."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "COP"
    decimals: Annotated[int, Field(ge=0, le=3)] | None = None
    """Minor units per unit as a power of ten; COP, CLP, PYG 0, others 2 when not given."""
    timezone: str = "America/Bogota"
    language: Language = "es"
    """Default; switches only when sure."""
    also: tuple[Language, ...] = ()
    persona: Text = ""


class Hours(Form):
    """When people (not the agent) answer."""

    people: dict[str, str] = Field(default_factory=dict[str, str])
    """Days (`mon-fri`, `sat`) to time spans; `holidays: CO` closes on that country's holidays."""
    agent: Literal["always"] = "always"


class Setting(Form):
    """A value a shop must fill in before its agent may speak."""

    about: str
    """What to put there."""
    required: bool = True
    example: str | None = None
    """Stands in for the value in `playbook check` and `playbook test`, never in production."""
    pattern: str | None = None
    """A regular expression the whole value must match."""


class CatalogItem(Form):
    """Something for sale, with its one price."""

    id: Name
    name: Text
    qty: Annotated[int, Field(ge=1)] = 1
    """How many units the item holds: what "2" or "el de dos" refers to."""
    price: Annotated[int, Field(ge=0, strict=True)]
    """Minor units of the currency; for COP whole pesos."""
    tag: Text | None = None
    also: tuple[str, ...] = ()
    """Other names customers give it."""
    description: Text | None = None


class Intent(Form):
    """Something customers come with: a label understanding may give, and what it leads to."""

    examples: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    """Words or phrases that decide alone; `*` for any ending, `^…$` for a regular expression on the whole message."""
    risk: Literal["low", "normal", "high"] = "normal"
    """`high` is never drowned by other intents of the same message and asks for more certainty."""
    do: Action | None = None
    about: Name | None = None
    """A slot this intent explains: a message that fills it ("pago con Nequi") gets no explanation, unless it asks."""
    title: Text | None = None
    """What a clarification button calls it; without one it is not offered."""


class FollowUpItem(Form):
    """A nudge after silence."""

    id: Name
    after: Duration
    when: str | None = None
    say: Say | None = None
    ask: Name | None = None
    """Ask this slot's question after the words."""
    resume: bool = False
    """Go on with the flow under way after the words: its next question."""
    template: str | None = None
    """Approved template for outside the 24 h window."""
    template_language: str | None = None
    parameters: tuple[str, ...] = ()
    """Its parameters; may name facts, slots and the order."""


Reason = Literal["customer_reply", "order_created", "handoff", "optout"]
CANCELLED_BY: tuple[Reason, ...] = ("customer_reply", "order_created", "handoff", "optout")


class FollowUps(Form):
    """Nudges, planned with each answer and re-checked when due."""

    cancel_on: tuple[Reason, ...] = CANCELLED_BY
    """Always all four: written down as a reminder, refused when one is left out."""
    quiet_hours: TimeSpan | None = None
    max_per_session: Annotated[int, Field(ge=1, le=10)] = 4
    items: tuple[FollowUpItem, ...] = ()

    @field_validator("cancel_on")
    @classmethod
    def _all_four(cls, value: tuple[Reason, ...]) -> tuple[Reason, ...]:
        if lacking := set(CANCELLED_BY) - set(value):
            raise ValueError(f"follow-ups are always cancelled by {', '.join(sorted(lacking))} too")
        return value


class HandoffWhen(Form):
    """When a person is called without being asked for."""

    failed_turns: Annotated[int, Field(ge=1)] = 3
    same_intent_repeated: Annotated[int, Field(ge=2)] | None = None
    sentiment: Literal["angry"] | None = None
    order_total_over: Annotated[int, Field(ge=0)] | None = None
    """Minor units."""
    media: tuple[Literal["image", "audio", "video", "document", "sticker", "location", "contacts", "order"], ...] = ()


class Handoff(Form):
    """Handing over to people."""

    when: HandoffWhen = HandoffWhen()
    say: Say | None = None
    reasons: dict[Name, Say] = Field(default_factory=dict)
    """Other words for particular reasons."""
    release_after: Duration | Literal["never"] = "never"


class AgentLoop(Form):
    """When the other side is taken for a machine."""

    max_agent_messages: Annotated[int, Field(ge=3)] = 20
    per: Duration = Field(default="10m", validate_default=True)  # pyright: ignore[reportAssignmentType] # validated default
    echo_similarity: Annotated[float, Field(gt=0.5, le=1)] = 0.9


class Budget(Form):
    """What models may cost."""

    usd_per_chat_day: Annotated[float, Field(ge=0)] | None = None
    usd_per_day: Annotated[float, Field(ge=0)] | None = None
    on_exceeded: Literal["offline"] = "offline"


class Guardrails(Form):
    """What must not happen."""

    claims_forbidden: tuple[str, ...] = ()
    """Phrases no outgoing text may hold; `*` for any ending."""
    topics: tuple[str, ...] = ()
    max_discount: Annotated[int, Field(ge=0, le=100)] = 0
    """Percent a model's phrasing may speak of; 0: none."""
    agent_loop: AgentLoop = AgentLoop()
    budget: Budget = Budget()
    max_input_chars: Annotated[int, Field(ge=100, le=4096)] = 1500


class Pace(Form):
    """How many bubbles, how fast."""

    max_bubbles: Annotated[int, Field(ge=1, le=10)] = 4
    """More are merged, then complementary ones left out."""
    max_answers: Annotated[int, Field(ge=1, le=5)] = 3
    """Questions answered in one turn."""


class FirstTier(Form):
    """What the offline reader must be sure of; precision targets, not raw scores."""

    accept: Annotated[float, Field(gt=0, lt=1)] = 0.95
    clarify: Annotated[float, Field(gt=0, lt=1)] = 0.60


class ModelForm(Form):
    """The model behind the offline reader."""

    models: tuple[str, ...] = ()
    """In order of preference, `provider:model`."""
    fallback: Literal["offline"] = "offline"
    phrasing: bool = False
    """May a model reword replies (facts and numbers unchanged)?"""
    timeout: Duration = Field(default="8s", validate_default=True)  # pyright: ignore[reportAssignmentType] # validated default
    retries: Annotated[int, Field(ge=0, le=3)] = 1


class Understanding(Form):
    """How sure is sure enough."""

    first_tier: FirstTier = FirstTier()
    model: ModelForm = ModelForm()
    background: tuple[str, ...] = ()
    """Messages that are about something else altogether, beside those Relevo ships with."""


def _dialogue(value: object) -> object:
    return {"steps": value} if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType] # whatever YAML holds


class Dialogue(Form):
    """One test: what is written, what must come of it. The keys of steps are explained in docs/playbook.md."""

    name: str = ""
    contact: dict[str, str] = Field(default_factory=dict[str, str])
    """What is known of the customer beforehand: `phone`, `name`, slots by name."""
    steps: Annotated[tuple[dict[str, Any], ...], Field(min_length=1)]


DialogueSpec = Annotated[Dialogue, BeforeValidator(_dialogue, json_schema_input_type=Dialogue | list[dict[str, Any]])]


class Playbook(Form):
    """The whole."""

    playbook: Literal[1] = 1
    """Version of the form."""
    business: Business = Business()
    hours: Hours = Hours()
    settings: dict[Name, Setting] = Field(default_factory=dict[Name, Setting])
    facts: dict[Name, Text] = Field(default_factory=dict[Name, Text])
    """The only things a reply (or a model) may assert."""
    amounts: dict[Name, Annotated[int, Field(ge=0, strict=True)]] = Field(default_factory=dict)
    """Money that is not in the catalogue (a delivery surcharge), in minor units: `{amounts.domicilio}`."""
    catalog: tuple[CatalogItem, ...] = ()
    slots: dict[Name, SlotSpec] = Field(default_factory=dict[Name, SlotSpec])
    intents: dict[Name, Intent] = Field(default_factory=dict[Name, Intent])
    replies: dict[Name, Reply] = Field(default_factory=dict[Name, Reply])
    flows: dict[Name, Flow] = Field(default_factory=dict[Name, Flow])
    followups: FollowUps = FollowUps()
    handoff: Handoff = Handoff()
    guardrails: Guardrails = Guardrails()
    pace: Pace = Pace()
    understanding: Understanding = Understanding()
    words: dict[Name, Text] = Field(default_factory=dict[Name, Text])
    """The engine's own small sentences, where the shop wants other ones (docs/playbook.md lists them)."""
    tests: tuple[DialogueSpec, ...] = ()

    @property
    def sells(self) -> bool:
        """False for a file of labelled intents only, which is good for measuring and nothing else."""
        return any(intent.do is not None for intent in self.intents.values())

    def item(self, item_id: str) -> CatalogItem | None:
        """Return the catalogue's item of that id."""
        return next((item for item in self.catalog if item.id == item_id), None)
