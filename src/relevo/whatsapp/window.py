"""When free-form messages may be sent: the 24-hour service window and the 72-hour window of ads. Pure rules of time.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages (service windows),
`…/whatsapp/pricing` (free entry point windows).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SERVICE_WINDOW = timedelta(hours=24)
AD_WINDOW = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Window:
    """What the platform allows towards one customer. Aware UTC; None where nothing is open."""

    free_form_until: datetime | None
    """Until when text, media and buttons are taken; afterwards only templates (131047)."""
    free_of_charge_until: datetime | None
    """Until when nothing is billed because the customer came from an ad. It does not lengthen `free_form_until`:
    Meta charges nothing in it, yet asks for an open service window for anything but templates."""

    def open_at(self, moment: datetime) -> bool:
        """Tell whether free-form messages are taken at this moment."""
        return self.free_form_until is not None and moment < self.free_form_until


def window(
    last_inbound_at: datetime | None,
    *,
    ad_inbound_at: datetime | None = None,
    first_reply_at: datetime | None = None,
) -> Window:
    """Return what is open.

    `last_inbound_at`: the last message that opens the window (`InboundMessage.opens_window`). `ad_inbound_at`: the
    message that came from an ad (`from_ad`); `first_reply_at`: our first accepted message after it, which opens the 72
    hours when it came within 24.
    """
    free_form = None if last_inbound_at is None else last_inbound_at + SERVICE_WINDOW
    free = None
    if (
        ad_inbound_at is not None
        and first_reply_at is not None
        and timedelta(0) <= first_reply_at - ad_inbound_at <= SERVICE_WINDOW
    ):
        free = first_reply_at + AD_WINDOW
    return Window(free_form, free)
