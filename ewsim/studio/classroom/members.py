"""Who is in the classroom: a name and a role each, kept while a connection is lost."""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from ewsim.errors import UsageError

#: People who can join, and characters of a name.
MOST_MEMBERS, MOST_NAME = 300, 40
#: The roles that the lead gives.
GIVEN = ("authority", "operator", "observer")


@dataclass(slots=True)
class Participant:
    """Somebody in the classroom, known again by a token that only their page has."""

    name: str
    role: str
    digest: bytes
    pages: set[str] = field(default_factory=set)  # those that are connected now


class Members:
    """The people in the classroom, in the order in which they came."""

    def __init__(self) -> None:
        self._members: list[Participant] = []

    def __iter__(self) -> Iterator[Participant]:
        return iter(self._members)

    def read(self, rows: object) -> None:
        """Take in those whom `written` gave; rows that cannot be read are left out."""
        for row in rows if isinstance(rows, list) else []:
            try:
                name, role, digest = row
                if role in (*GIVEN, "lead") and len(self._members) < MOST_MEMBERS:
                    self._members.append(
                        Participant(self._free(plain_name(name)), role, bytes.fromhex(digest))
                    )
            except (TypeError, ValueError, UsageError):
                continue

    def written(self) -> list[tuple[str, str, str]]:
        """The people as a file keeps them: names, roles, and what their tokens are known by."""
        return [(one.name, one.role, one.digest.hex()) for one in self._members]

    def join(self, page: str, name: str, role: str) -> tuple[Participant, str]:
        """Somebody new; with the token by which they are known again.

        Parameters
        ----------
        page
            Their page.
        name
            What they are called.
        role
            The role that their code gives.
        """
        if len(self._members) >= MOST_MEMBERS:
            self._members = [one for one in self._members if one.pages]
        if len(self._members) >= MOST_MEMBERS:
            raise UsageError("The classroom is full. Ask whoever leads.")
        token = secrets.token_urlsafe(18)
        member = Participant(self._free(plain_name(name)), role, _digest(token), {page})
        self._members.append(member)
        return member, token

    def back(self, page: str, token: str, *, if_away: bool = False) -> Participant | None:
        """Who had this token, at a page of theirs; None where nobody had.

        Parameters
        ----------
        page
            Their page.
        token
            What the page kept.
        if_away
            Unless they are here at another page: then a second one is for somebody else.
        """
        digest = _digest(token)
        found = [one for one in self._members if hmac.compare_digest(one.digest, digest)]
        if not found or (if_away and found[0].pages):
            return None
        found[0].pages.add(page)
        return found[0]

    def at(self, page: str) -> Participant | None:
        """Who is at a page; None: somebody who gave no name."""
        return next((one for one in self._members if page in one.pages), None)

    def gone(self, page: str) -> None:
        """A page has gone; whoever was there may come back."""
        for one in self._members:
            one.pages.discard(page)

    def remove(self, name: str) -> None:
        """Take out somebody who is away; raises UsageError for somebody who is here, or not known."""
        member = self.named(name)
        if member.pages:
            raise UsageError(f"{member.name} is here. Only who is away can be removed.")
        self._members.remove(member)

    def named(self, name: str) -> Participant:
        """Who has a name; raises UsageError where nobody has."""
        member = next((one for one in self._members if one.name == name), None)
        if member is None:
            raise UsageError("Nobody of this name is in the classroom.")
        return member

    def _free(self, name: str) -> str:
        """A name that nobody has: the same with a number, if somebody has it."""
        taken = {one.name.casefold() for one in self._members}
        free, number = name, 1
        while free.casefold() in taken:
            number += 1
            free = f"{name} ({number})"
        return free


def plain_name(text: str) -> str:
    """A name in one line without signs that are not seen; raises UsageError where nothing is left."""
    shown = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    name = " ".join(shown.split())[:MOST_NAME]
    if not name:
        raise UsageError("Write a name, so that the others know who you are.")
    return name


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
