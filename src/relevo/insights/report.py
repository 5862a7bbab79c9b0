"""The figures of a shop as they are told. What each means stands in docs/insights.md; computed elsewhere."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class Spread(BaseModel):
    """How long customers waited for answers, in seconds (two significant digits)."""

    count: int = Field(description="Answers given.")
    p50: float | None = Field(description="Half of the answers came within that time; null: there were none.")
    p90: float | None


class ReasonCount(BaseModel):
    """How often conversations were handed to people for a reason."""

    reason: str
    count: int


class CurrencyTotal(BaseModel):
    """Orders of one currency."""

    currency: str
    count: int
    total: int = Field(description="Minor units.")


class CategoryCost(BaseModel):
    """What WhatsApp charged for one category of messages."""

    category: str
    messages: int
    cost: float


class WhatsAppCost(BaseModel):
    """What WhatsApp charges, by the shop's own price list (`whatsapp_prices`); 0 where it has none."""

    currency: str | None = Field(description="Of the price list; null: the shop has none.")
    messages: int = Field(description="Messages WhatsApp charges for.")
    cost: float = Field(description="In units of the currency.")
    per_conversation: float | None
    per_order: float | None
    categories: list[CategoryCost]


class ModelCost(BaseModel):
    """What models cost."""

    usd: float
    per_conversation: float | None = Field(description="Null: there were no conversations.")
    per_order: float | None = Field(description="Null: there were no orders.")


class Figures(BaseModel):
    """The figures of a period."""

    conversations: int = Field(description="With a message from or to the customer.")
    conversations_new: int = Field(description="Which began.")
    conversations_asked: int = Field(description="In which the customer wrote.")
    answered_without_person: int = Field(description="Of these, answered by the agent without any person's doing.")
    answered_without_person_share: float | None = Field(description="From 0 to 1, of `conversations_asked`.")
    messages_in: int
    messages_by_agent: int
    messages_by_people: int
    handoffs: int
    handoffs_by_reason: list[ReasonCount]
    orders: int = Field(description="Created and not cancelled.")
    orders_cancelled: int
    orders_by_currency: list[CurrencyTotal]
    conversations_with_order: int
    conversion: float | None = Field(description="From 0 to 1: conversations with an order, of `conversations_asked`.")
    first_answer_agent: Spread
    first_answer_people: Spread
    model: ModelCost
    whatsapp: WhatsAppCost


class Point(BaseModel):
    """An hour or a day."""

    at: datetime = Field(description="Its begin.")
    conversations: int = 0
    conversations_new: int = 0
    messages_in: int = 0
    messages_by_agent: int = 0
    messages_by_people: int = 0
    handoffs: int = 0
    orders: int = 0
    model_usd: float = 0
    whatsapp_cost: float = 0


class Span(BaseModel):
    """From when until when."""

    start: datetime
    end: datetime = Field(description="Not included.")


class UnansweredNow(BaseModel):
    """Conversations in which a customer waits right now, whatever the period."""

    for_agent: int
    for_people: int


class Insights(BaseModel):
    """The shop's figures of a period, beside those of the period before."""

    timezone: str
    unit: Literal["hour", "day"] = Field(description="Of the series.")
    period: Span
    period_before: Span = Field(description="As many days before; a period still running, until the same time of day.")
    figures: Figures
    before: Figures
    series: list[Point]
    unanswered_now: UnansweredNow
