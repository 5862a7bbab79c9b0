"""Spans from webhook to reply hang together through the rows; without a collector there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from relevo.simulator.echo import EchoProtocol
from relevo.simulator.simulator import Simulator
from relevo.telemetry import tracing
from support.echo_agent import EchoAgent, OneAgent
from support.service import running

if TYPE_CHECKING:
    from collections.abc import Generator

    from opentelemetry.sdk.trace import ReadableSpan


@pytest.fixture
def spans() -> Generator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.start_tracing("test", SimpleSpanProcessor(exporter))
    yield exporter
    tracing.stop_tracing()


def parent(span: ReadableSpan, others: dict[int, ReadableSpan]) -> str | None:
    return others[span.parent.span_id].name if span.parent else None


async def test_one_trace_leads_from_the_webhook_to_the_reply(database_url: str, spans: InMemorySpanExporter) -> None:
    async with Simulator() as sim:
        agents = OneAgent(EchoAgent(parts=1))
        async with running(database_url, sim.numbers[0], agents, sim.base_url) as service:
            sim.connect(service.webhook)
            customer = sim.customer("573001234567")
            wamid = await customer.say(EchoProtocol.message(1))
            await customer.replies(timeout=20)
            await service.idle()
            rows = await service.rows("select direction, wamid, trace from messages order by arrival")
    known = {span.context.span_id: span for span in spans.get_finished_spans() if span.context}
    inbound = next(row["trace"] for row in rows if row["wamid"] == wamid)
    trace_id = int(inbound.split("-")[1], 16)
    ours = [span for span in known.values() if span.context and span.context.trace_id == trace_id]
    assert {(span.name, parent(span, known)) for span in ours} >= {
        ("webhook", None),
        ("turn", "webhook"),
        ("decide", "turn"),
        ("send", "turn"),
    }
    assert all(row["trace"].split("-")[1] == inbound.split("-")[1] for row in rows)


def test_an_errors_words_stay_at_home(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="573001234567"), tracing.span("turn"):
        raise ValueError("573001234567")
    (span,) = spans.get_finished_spans()
    assert "573001234567" not in span.to_json()
    assert span.attributes is not None
    assert span.attributes["error.type"] == "ValueError"


def test_without_a_collector_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", raising=False)
    tracing.start_tracing("test")
    with tracing.span("webhook"):
        assert tracing.traceparent() is None


def test_the_sdks_own_variables_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    assert tracing.wanted()
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert not tracing.wanted()
