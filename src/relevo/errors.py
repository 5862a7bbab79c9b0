"""The one exception tree. Every error has a stable `code`; the API answers problem+json with it."""

from __future__ import annotations


class RelevoError(Exception):
    """Root of everything Relevo raises on purpose. The message says what to do."""

    code = "internal"


class ConfigurationError(RelevoError):
    """A setting is missing or wrong; the process should not start."""

    code = "configuration"


class StoreError(RelevoError):
    """The database cannot be used as it is."""

    code = "store"


class SchemaOutdatedError(StoreError):
    """The schema is older (or newer) than this version of Relevo: run `relevo migrate`."""

    code = "schema_outdated"


class EmbeddedPostgresError(StoreError):
    """The embedded Postgres cannot start or keep running; says why (disk, permissions, port)."""

    code = "embedded_postgres"


class SecretError(RelevoError):
    """A stored secret cannot be read with this SECRET_KEY."""

    code = "secret"


class LeaseLostError(RelevoError):
    """Another worker owns this actor now: write nothing, send nothing."""

    code = "lease_lost"


class EngineAwayError(RelevoError):
    """The engine outside cannot be reached or takes nothing right now: try again later."""

    code = "engine_away"


class EngineRefusedError(RelevoError):
    """The engine outside will never take this as it is."""

    code = "engine_refused"


class NotFoundError(RelevoError):
    """No such thing in this workspace."""

    code = "not_found"


class UnauthorizedError(RelevoError):
    """The caller did not say who they are, or said it wrongly."""

    code = "unauthorized"


class ForbiddenError(RelevoError):
    """The caller is known, but this is not theirs to do."""

    code = "forbidden"


class CrossSiteError(ForbiddenError):
    """Another site's page asked for a change with this browser's cookies."""

    code = "cross_site"


class ThrottledError(RelevoError):
    """Too many attempts; the next one may come after `seconds`."""

    code = "throttled"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many attempts. Try again in {seconds} seconds.")
        self.seconds = seconds


class OutsideWindowError(RelevoError):
    """The customer service window is closed: WhatsApp takes only templates."""

    code = "outside_window"


class InvalidRequestError(RelevoError):
    """The caller asked for something that cannot be done as asked."""

    code = "invalid_request"

    def __init__(self, message: str, *, where: str | None = None) -> None:
        super().__init__(message)
        self.where = where
        """The field that is wrong, where it is one: `people_hours`."""


class ConflictError(RelevoError):
    """The thing asked for clashes with what exists."""

    code = "conflict"


class PlaybookError(RelevoError):
    """A playbook does not load."""

    code = "playbook"


class OutgoingMessageError(RelevoError):
    """An outgoing message breaks a limit of the platform and would be refused; it is not sent."""

    code = "outgoing_message"
