"""What a test in a playbook may write and expect. Names only; the driver is the engine's."""

from __future__ import annotations

INPUTS = frozenset({"user", "tap", "sends", "skip", "person", "hand_back", "order_status", "new_session"})
"""What happens: a text or burst, a tap on a button, a medium, time passing, a person writing, giving back, …"""
EXPECTATIONS = frozenset(
    {
        "intent", "intents", "not_intent", "says", "not_says", "says_first", "asks", "slots", "no_slots", "order",
        "no_order", "cancelled", "handoff", "no_handoff", "ignored", "silent", "opted_out", "tags", "notify",
        "follow_up", "no_follow_up", "planned", "bubbles", "stage", "language", "buttons",
    }
)  # fmt: skip
"""What must come of it; docs/playbook.md explains each."""
