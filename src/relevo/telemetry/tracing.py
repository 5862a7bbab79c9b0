"""Spans from webhook to reply, joined through rows by W3C traceparents. Without an OTLP endpoint it does nothing.

Environment: the OpenTelemetry SDK's own names (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
"""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import AbstractContextManager

    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.trace import Tracer

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_NOTHING: AbstractContextManager[None] = nullcontext()


class _Tracing:
    """The process's tracing, off until started."""

    tracer: Tracer | None = None
    provider: TracerProvider | None = None


def wanted() -> bool:
    """Whether the environment names a collector."""
    switched_off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    return not switched_off and any(os.environ.get(name) for name in _ENDPOINTS)


def start_tracing(part: str, processor: SpanProcessor | None = None) -> None:
    """Export spans where the environment says, or to `processor`. `part` tells web and worker apart."""
    if processor is None and not wanted():
        return
    # Loaded only where wanted: the exporter alone costs a fifth of a second.
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    if processor is None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

        processor = BatchSpanProcessor(OTLPSpanExporter())
    name = os.environ.get("OTEL_SERVICE_NAME", "relevo")
    provider = TracerProvider(
        resource=Resource.create({"service.name": name, "relevo.part": part}), shutdown_on_exit=False
    )
    provider.add_span_processor(processor)
    _Tracing.provider, _Tracing.tracer = provider, provider.get_tracer("relevo")


def stop_tracing() -> None:
    """Send what is left and stop. Blocks for as long as the exporter needs."""
    provider, _Tracing.provider, _Tracing.tracer = _Tracing.provider, None, None
    if provider is not None:
        provider.shutdown()


def span(name: str, parent: str | None = None, **attributes: str | float | bool) -> AbstractContextManager[None]:
    """Measure a block. `parent`: the traceparent it continues; without one, the span it stands in."""
    tracer = _Tracing.tracer
    return _NOTHING if tracer is None else _measured(tracer, name, parent, attributes)


@contextmanager
def _measured(tracer: Tracer, name: str, parent: str | None, attributes: dict[str, Any]) -> Generator[None]:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    context = TraceContextTextMapPropagator().extract({"traceparent": parent}) if parent else None
    # An exception's text may quote a customer: the class alone goes out.
    with tracer.start_as_current_span(
        name, context, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)
            raise


def traceparent() -> str | None:
    """Return the current span as a traceparent, to be kept with a row; None where nothing is traced."""
    if _Tracing.tracer is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent")
