"""One call to one model: structured output, a time limit, what it cost, and a plain word for what went wrong."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

from pydantic import BaseModel

from relevo.agents.decision import ModelUsage
from relevo.agents.understanding.model.answer import Answer

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.models import Model

Filled = TypeVar("Filled", bound=BaseModel)
_MOST_OUTPUT = 2000
"""Output tokens, those of a reasoning model's thoughts included; an answer of twelve labels is far below."""


class LabelModel(Protocol):
    """All that understanding needs of a model: labels for a text, never raising."""

    name: str

    async def ask(self, instructions: str, question: str) -> tuple[Answer | None, ModelUsage]:
        """Label one message. `ModelUsage.error` is a stable word such as `rate_limited`, `no_credit` or `timeout`."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


class PydanticAiModel:
    """A model of any provider pydantic-ai knows, by `provider:name`; it is given no tools."""

    def __init__(self, model: str | Model, seconds: float) -> None:
        self._model = model
        self.name = model if isinstance(model, str) else f"{model.system}:{model.model_name}"
        self._seconds = seconds
        self._ready: Model | None = None
        # Imports and price tables take a second or two: now, at load, and not while a customer waits.
        with contextlib.suppress(Exception):
            self._infer()

    async def ask(self, instructions: str, question: str) -> tuple[Answer | None, ModelUsage]:
        """See `LabelModel`."""
        return await self.fill(Answer, instructions, question)

    async def fill(self, form: type[Filled], instructions: str, question: str) -> tuple[Filled | None, ModelUsage]:
        """Have the model fill in a form; never raises, `ModelUsage.error` says what went wrong."""
        from pydantic_ai import Agent, ModelSettings, capture_run_messages  # noqa: PLC0415  # a second that offline shops need not pay

        began = time.perf_counter()
        answer: Filled | None = None
        error: str | None = None
        seen: list[ModelMessage] = []
        try:
            agent = Agent(
                self._infer(),
                output_type=form,
                instructions=instructions,
                retries=0,
                model_settings=ModelSettings(max_tokens=_MOST_OUTPUT, max_retries=0),
            )
            with capture_run_messages() as seen:
                async with asyncio.timeout(self._seconds):
                    answer = (await agent.run(question)).output
        except Exception as failure:  # noqa: BLE001  # whatever a provider's library raises, the shop answers offline
            error = error_word(failure)
        tokens_in, tokens_out, usd = _cost(seen)
        seconds = time.perf_counter() - began
        return answer, ModelUsage(self.name, tokens_in, tokens_out, usd, round(seconds, 4), error)

    async def aclose(self) -> None:
        """Close the provider's connections."""
        if self._ready is not None:
            async with self._ready:
                pass
            self._ready = None

    def _infer(self) -> Model:
        if self._ready is None:
            from pydantic_ai.models import infer_model  # noqa: PLC0415  # as above

            name = self._model
            if isinstance(name, str) and name.startswith("openai:") and os.environ.get("OPENAI_BASE_URL"):
                # Servers that imitate OpenAI speak its chat completions, hardly any the newer responses API.
                name = "openai-chat:" + name.removeprefix("openai:")
            self._ready = infer_model(name)
        return self._ready


def error_word(failure: BaseException) -> str:
    """Return a stable word for the timeline, from most to least particular."""
    from pydantic_ai import exceptions as known  # noqa: PLC0415  # as above

    words: tuple[tuple[type[BaseException], str], ...] = (
        (TimeoutError, "timeout"),
        (known.ModelTimeoutError, "timeout"),
        (known.ModelRequestTimeout, "timeout"),
        (known.ModelQuotaExceededError, "no_credit"),
        (known.ModelRateLimitError, "rate_limited"),
        (known.ModelAuthenticationError, "not_authorised"),
        (known.ModelNotFoundError, "no_such_model"),
        (known.ModelConnectionError, "unreachable"),
        (known.ModelUnavailableError, "server_error"),
        (known.ModelServerError, "server_error"),
        (known.ModelRequestRejectedError, "rejected"),
        (known.UnexpectedModelBehavior, "invalid_output"),
        (known.UserError, "not_configured"),
    )
    text = str(failure).lower()
    if "credit balance" in text or "insufficient_quota" in text or "billing" in text:
        return "no_credit"
    status = getattr(failure, "status_code", None)
    if isinstance(status, int):
        by_status = {
            401: "not_authorised",
            402: "no_credit",
            403: "not_authorised",
            404: "no_such_model",
            429: "rate_limited",
        }
        if status in by_status:
            return by_status[status]
        if status >= 500:  # noqa: PLR2004
            return "server_error"
    return next((word for kind, word in words if isinstance(failure, kind)), f"failed:{type(failure).__name__}")


def _cost(messages: list[ModelMessage]) -> tuple[int, int, float]:
    from pydantic_ai.messages import ModelResponse  # noqa: PLC0415  # as above

    tokens_in = tokens_out = 0
    usd = 0.0
    for message in messages:
        if isinstance(message, ModelResponse):
            tokens_in += message.usage.input_tokens
            tokens_out += message.usage.output_tokens
            try:
                usd += float(message.cost().total_price)
            except (LookupError, ValueError, AssertionError):
                # A model without a public price (one's own server) costs what its owner pays, which we cannot know.
                continue
    return tokens_in, tokens_out, usd
