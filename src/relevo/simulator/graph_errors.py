"""The platform's error bodies, nothing else. Source: developers.facebook.com, WhatsApp, support/error-codes."""

from __future__ import annotations

from typing import Any

from relevo.errors import RelevoError
from relevo.simulator.ids import trace_id

_TITLES = {
    2: "Service temporarily unavailable",
    4: "Application request limit reached",
    10: "Application does not have permission for this action",
    100: "Invalid parameter",
    130429: "Rate limit hit",
    131000: "Something went wrong",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131016: "Service unavailable",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131051: "Unsupported message type",
    131052: "Media download error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    131062: "Business-scoped User ID (BSUID) recipients are not supported for this message",
    132001: "Template name does not exist in the translation",
    133010: "Phone number not registered",
}
TOO_MANY_FROM_NUMBER = (
    "Message failed to send because there were too many messages sent from this phone number in a short period of time"
)
TOO_MANY_TO_CUSTOMER = (
    "Message failed to send because there were too many messages sent from the sender phone number to the same "
    "recipient phone number in a short period of time."
)
OUTSIDE_WINDOW = (
    "Message failed to send because more than 24 hours have passed since the customer last replied to this number."
)
_HTTP = {2: 503, 4: 429, 10: 403, 190: 401, 130429: 429, 131000: 500, 131016: 503}


class GraphError(RelevoError):
    """The double refuses a request as the platform would; carries the platform's error code."""

    code = "simulated_graph_error"

    def __init__(
        self, graph_code: int, details: str, *, subcode: int | None = None, message: str | None = None
    ) -> None:
        super().__init__(f"({graph_code}) {details}")
        self.graph_code = graph_code
        self.details = details
        self.subcode = subcode
        self.message = message
        self.http_status = _HTTP.get(graph_code, 400)

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the answer."""
        title = _TITLES.get(self.graph_code, "Unknown error")
        error: dict[str, Any] = {
            "message": self.message or f"(#{self.graph_code}) {title}",
            "type": "OAuthException",
            "code": self.graph_code,
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        error["fbtrace_id"] = trace_id()
        return {"error": error}

    def in_status(self) -> dict[str, Any]:
        """Return the same as an item of `statuses[].errors`."""
        title = _TITLES.get(self.graph_code, "Unknown error")
        return {
            "code": self.graph_code,
            "title": title,
            "message": title,
            "error_data": {"details": self.details},
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        }


def bad_token() -> GraphError:
    """401 for a missing or wrong token (190)."""
    return GraphError(190, "", message="Invalid OAuth access token - Cannot parse access token")


def no_such_object(object_id: str, verb: str = "post") -> GraphError:
    """400 for an id the token cannot see (100, subcode 33)."""
    message = (
        f"Unsupported {verb} request. Object with ID '{object_id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation"
    )
    return GraphError(100, "", subcode=33, message=message)
