"""What this process counts, for Prometheus. Figures about the whole installation are read when asked, elsewhere."""

from __future__ import annotations

from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

REGISTRY: Final = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

ACKS: Final = Counter("relevo_webhook_acks", "Webhook requests answered.", ["status"], registry=REGISTRY)
ACK_SECONDS: Final = Histogram(
    "relevo_webhook_ack_seconds",
    "From a webhook request to its answer.",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
    registry=REGISTRY,
)
DELIVERIES_PER_COMMIT: Final = Histogram(
    "relevo_deliveries_per_commit",
    "Webhook deliveries that shared one transaction.",
    buckets=(1, 2, 4, 8, 16, 32, 64),
    registry=REGISTRY,
)
TURNS: Final = Counter("relevo_turns", "Runs of the agent, by what became of them.", ["result"], registry=REGISTRY)
TURN_SECONDS: Final = Histogram(
    "relevo_turn_seconds",
    "From the start of a turn to its decision being written.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
    registry=REGISTRY,
)
SENDS: Final = Counter("relevo_sends", "Messages posted to WhatsApp, by outcome.", ["outcome"], registry=REGISTRY)
SEND_SECONDS: Final = Histogram(
    "relevo_send_seconds",
    "From posting a message to WhatsApp's answer.",
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0),
    registry=REGISTRY,
)
RUNS_IN_FLIGHT: Final = Gauge("relevo_runs_in_flight", "Runs under way in this process.", registry=REGISTRY)
LEASES_LOST: Final = Counter(
    "relevo_leases_lost", "Runs that ended because another worker had taken over.", registry=REGISTRY
)
TAKEN_OVER: Final = Counter("relevo_runs_taken_over", "Runs taken over from dead workers.", registry=REGISTRY)
FAILED_FOR_GOOD: Final = Counter("relevo_runs_failed", "Runs given up for good.", ["kind"], registry=REGISTRY)
SET_ASIDE: Final = Counter(
    "relevo_updates_set_aside", "Updates that could not be stored and wait for a replay.", registry=REGISTRY
)

RELAYED: Final = Counter(
    "relevo_relayed", "Events and wake-ups handed to an engine outside.", ["what"], registry=REGISTRY
)
RELAY_FAILURES: Final = Counter("relevo_relay_failures", "Times the engine outside took nothing.", registry=REGISTRY)
RELAY_BEHIND: Final = Gauge(
    "relevo_relay_behind_seconds", "Age of the oldest event not handed over, when last looked.", registry=REGISTRY
)

QUEUE_DEPTH: Final = Gauge("relevo_queue_depth", "Actors that are due and wait for a worker.", registry=REGISTRY)
QUEUE_AGE: Final = Gauge("relevo_queue_oldest_seconds", "Age of the oldest due actor.", registry=REGISTRY)
LEASED: Final = Gauge("relevo_runs_leased", "Runs under way in all workers.", registry=REGISTRY)
UNANSWERED: Final = Gauge("relevo_unanswered_messages", "Inbound messages nobody accounted for yet.", registry=REGISTRY)
OLDEST_UNANSWERED: Final = Gauge(
    "relevo_oldest_unanswered_seconds", "Age of the oldest message nobody accounted for.", registry=REGISTRY
)
OUTBOX: Final = Gauge("relevo_outbox_messages", "Messages planned, being sent, or of unknown fate.", registry=REGISTRY)
FAILED_ACTORS: Final = Gauge("relevo_failed_actors", "Actors given up for good.", registry=REGISTRY)
WAITING_FOR_REPLAY: Final = Gauge(
    "relevo_set_aside_updates", "Updates that wait for `relevo deliveries replay`.", registry=REGISTRY
)
WORKERS: Final = Gauge("relevo_workers", "Local engines connected to the database.", registry=REGISTRY)
DATABASE_UP: Final = Gauge("relevo_database_up", "Whether the last look at the database succeeded.", registry=REGISTRY)
