"""What to paste where at Meta or 360dialog, so that a number's messages arrive. In data; the inbox has the words."""

from typing import Literal

from pydantic import BaseModel, Field

from relevo.whatsapp.signature import SECRET_HEADER

FIELDS = ("messages", "smb_message_echoes", "smb_app_state_sync", "history", "user_preferences")
"""Meta's webhook fields Relevo reads. Without `messages` nothing arrives; the others: coexistence and opt-outs."""


class SetUpValue(BaseModel):
    """One thing to paste."""

    name: Literal["callback_url", "verify_token", "secret_header", "secret_value"]
    value: str | None = Field(description="Null: a secret; ask with `reveal=true`.")
    secret: bool


class SetUp(BaseModel):
    """How to tell the provider where messages go."""

    provider: Literal["meta", "360dialog"]
    where: str = Field(description="Address of the page, or of the API, where this is entered.")
    values: list[SetUpValue]
    fields: list[str] = Field(description="Webhook fields to subscribe to, the necessary one first.")
    reachable: bool = Field(description="Whether the callback address can be reached from outside: https, no loopback.")
    registers_itself: bool = Field(description="`POST …/register-webhook` does all of this.")


def set_up_steps(provider: Literal["meta", "360dialog"], callback: str, secret: str | None) -> SetUp:
    """Say what to paste; `secret` None: leave it out."""
    url = SetUpValue(name="callback_url", value=callback, secret=False)
    meta = provider == "meta"
    values = (
        [url, SetUpValue(name="verify_token", value=secret, secret=True)]
        if meta
        else [
            url,
            SetUpValue(name="secret_header", value=SECRET_HEADER, secret=False),
            SetUpValue(name="secret_value", value=secret, secret=True),
        ]
    )
    return SetUp(
        provider=provider,
        where="https://developers.facebook.com/apps" if meta else "https://waba-v2.360dialog.io/v1/configs/webhook",
        values=values,
        fields=list(FIELDS) if meta else [],
        reachable=callback.startswith("https://") and not callback.startswith(("https://127.", "https://localhost")),
        registers_itself=not meta,
    )
