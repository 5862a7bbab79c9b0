"""A form of conversation that can be judged exactly: numbered messages in, answers that name what they answer.

The customer's messages carry their number (`m7 hola`); the agent under test answers each run of messages with one or
more bubbles that begin `#<numbers> <part>/<parts>`, such as `#6,7 1/2`, numbers in the order the agent read them. Words
may follow. Test agents and the judge share this module, so that the format exists once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MESSAGE = re.compile(r"^m(\d+)\b")
_REPLY = re.compile(r"^#(\d+(?:,\d+)*) (\d+)/(\d+)(?:\s|$)")


@dataclass(frozen=True, slots=True)
class EchoReply:
    """One bubble of an answer: part `part` of `parts`, to the messages numbered `seqs`."""

    seqs: tuple[int, ...]
    part: int
    parts: int


class EchoProtocol:
    """Writes and reads both directions of an echo conversation."""

    @staticmethod
    def message(seq: int, words: str = "") -> str:
        """Return what a customer says as their message number `seq`."""
        return f"m{seq} {words}".rstrip()

    @staticmethod
    def seq(text: str) -> int | None:
        """Return the number of a customer's message; None when it carries none."""
        match = _MESSAGE.match(text)
        return int(match[1]) if match else None

    @staticmethod
    def reply(seqs: tuple[int, ...], part: int = 1, parts: int = 1, words: str = "") -> str:
        """One bubble of the answer to the messages numbered `seqs`."""
        return f"#{','.join(map(str, seqs))} {part}/{parts} {words}".rstrip()

    @staticmethod
    def parse(text: str) -> EchoReply | None:
        """Read a bubble; None when it is not in the form."""
        match = _REPLY.match(text)
        if match is None:
            return None
        return EchoReply(tuple(map(int, match[1].split(","))), int(match[2]), int(match[3]))
