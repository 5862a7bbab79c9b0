"""Reasons why nothing was said, as they are stored. The timeline says them in the reader's language."""

from __future__ import annotations

from typing import Final

SHOP_OFF: Final = "the agent is switched off for the shop"
CHAT_OFF: Final = "the agent is switched off for this chat"
PERSON: Final = "a person has the conversation"
SOMEBODY_ELSE: Final = "somebody else has the conversation now"
HANDED_OFF: Final = "handed to a person"

REOPENED_ON_HAND_BACK: Final = (SHOP_OFF, CHAT_OFF, PERSON)
"""Inbound set aside for one of these, and answered by nobody, is looked at again when the agent gets the chat back."""
