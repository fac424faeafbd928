"""Files that go between a page and the session: uploads by a token, and downloads by a token.

A page never names a path. What waits here is bounded in number and size; the oldest goes first.
"""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

from ewsim.errors import UsageError

#: Bytes of one upload, and of all that wait together.
MOST_BYTES, MOST_WAITING_BYTES = 40_000_000, 160_000_000


@dataclass(frozen=True, slots=True)
class Offered:
    """A file in memory: its name, its bytes, and its media type."""

    name: str
    content: bytes
    kind: str = "application/octet-stream"


class Offers:
    """Files that wait to be taken."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Offered] = OrderedDict()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, offered: Offered) -> str:
        """Keep a file; the token by which it is taken."""
        token = secrets.token_urlsafe(18)
        self._waiting[token] = offered
        while sum(len(one.content) for one in self._waiting.values()) > MOST_WAITING_BYTES:
            self._waiting.popitem(last=False)
        return token

    def take(self, token: str) -> Offered:
        """The file of a token; raises UsageError where there is none, or no longer."""
        found = self._waiting.get(token)
        if found is None:
            raise UsageError("This file is no longer in the studio's memory. Choose it again.")
        return found
