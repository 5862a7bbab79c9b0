"""What an agent may do: the actions of intents and the steps of flows, as data. Nothing here runs anything."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from relevo.agents.playbook.replies import Say
from relevo.agents.playbook.values import Duration, Form, Name, Text


def _tags(value: object) -> object:
    return [value] if isinstance(value, str) else value


Tags = Annotated[tuple[Name, ...], BeforeValidator(_tags, json_schema_input_type=str | list[str])]


class Action(Form):
    """What an intent leads to. Several may be combined; they happen in the order listed here."""

    set: dict[Name, str] = Field(default_factory=dict[Name, str])
    """Slot values this intent stands for (`{pack: bolsa2}`)."""
    tag: Tags = ()
    optout: bool = False
    """Stop writing to this customer. Only ever triggered by a whole message."""
    optin: bool = False
    cancel: bool = False
    """Give up the flow under way, or the order while it may still change."""
    say: Say | None = None
    flow: Name | None = None
    handoff: Name | None = None
    """Hand over to a person, with this reason."""
    change: Name | None = None
    """Clear this slot and ask for it again (`{change: direccion}`)."""
    answer: Literal["yes", "no"] | None = None
    """Counts as a yes or a no to the question that is open."""
    nothing: bool = False
    """Deliberately no answer."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(
                "an action needs at least one of say, flow, handoff, set, tag, optout, cancel, answer, nothing"
            )
        return self


class CollectStep(Form):
    """Ask for slots one after the other; skips what is known, takes several from one message."""

    collect: Annotated[tuple[Name, ...], Field(min_length=1)]
    stage: Name | None = None
    when: str | None = None


class SayStep(Form):
    """Say something once."""

    say: Say
    stage: Name | None = None
    when: str | None = None


class OfferStep(Form):
    """Show the offers and ask for the choice."""

    offer: Name
    """An `offer` slot."""
    say: Say | None = None
    """The pitch, said once before the question."""
    stage: Name | None = None
    when: str | None = None


class IfNo(Form):
    """What a "no" to a confirmation leads to."""

    ask_change: bool = False
    """Ask what to change."""
    say: Say | None = None
    handoff: Name | None = None
    cancel: bool = False


class ConfirmStep(Form):
    """Ask for a yes to the order as it stands; a change asks again."""

    confirm: Text
    if_no: IfNo = IfNo(ask_change=True)
    buttons: tuple[Text, ...] = ()
    """Titles for yes and no, e.g. `["Sí, confirmo", "Cambiar algo"]`."""
    stage: Name | None = None
    when: str | None = None


class OrderForm(Form):
    """How an order is created."""

    status: Name = "por_despachar"


class CreateOrderStep(Form):
    """Create the order, with the catalogue's prices of this moment. Always after a `confirm`."""

    create_order: OrderForm
    stage: Name | None = None
    when: str | None = None


class TagStep(Form):
    """Tag the customer, tell the shop."""

    tag: Tags = ()
    notify: Name | None = None
    stage: Name | None = None
    when: str | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.tag and self.notify is None:
            raise ValueError("give `tag`, `notify` or both")
        return self


class HandoffStep(Form):
    """Hand over to a person."""

    handoff: Name
    stage: Name | None = None
    when: str | None = None


class BranchCase(Form):
    """One way of a branch; without `when` it is the way for everything else."""

    when: str | None = None
    steps: tuple["Step", ...]


class BranchStep(Form):
    """Go the first way whose condition holds."""

    branch: Annotated[tuple[BranchCase, ...], Field(min_length=1)]
    stage: Name | None = None
    when: str | None = None


STEP_KINDS = ("offer", "collect", "confirm", "create_order", "branch", "handoff", "say", "tag", "notify")
"""The word that decides which step it is; `offer` before `say`, which it may carry."""


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return next((k for k in STEP_KINDS if k in value), "say").replace("notify", "tag")
    return "say"


Step = Annotated[
    Annotated[CollectStep, Tag("collect")]
    | Annotated[SayStep, Tag("say")]
    | Annotated[OfferStep, Tag("offer")]
    | Annotated[ConfirmStep, Tag("confirm")]
    | Annotated[CreateOrderStep, Tag("create_order")]
    | Annotated[TagStep, Tag("tag")]
    | Annotated[HandoffStep, Tag("handoff")]
    | Annotated[BranchStep, Tag("branch")],
    Discriminator(_kind),
]

BranchCase.model_rebuild()
BranchStep.model_rebuild()


class Flow(Form):
    """Steps in order. Where a conversation stands in them follows from what is known and what was said."""

    once_per: Duration | None = None
    """Not started again within this time (a welcome)."""
    welcome: bool = False
    """A flow that only says things and ends; it never holds back an answer."""
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
