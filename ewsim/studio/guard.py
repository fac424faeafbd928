"""Who may come in: hosts, origins and codes, and how much anybody may send.

A page of another site cannot drive the studio: its requests have another Origin, and a name that it
made resolve to this machine is not in the list of hosts. When the studio is shared every request needs a
code: that of the lead or that of viewers. Codes are compared in constant time, and guessing is slowed down.
"""

import hmac
import json
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any

from ewsim.errors import RunError
from ewsim.files import write_file

#: Letters of a code: none that is taken for another.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
#: Letters of each code, and how long codes and names of a lesson outlive the program [s].
_LENGTHS, KEPT_S = {"lead": 24, "observer": 8}, 12 * 3600
#: Wrong codes of one address in a minute, before it has to wait.
MOST_GUESSES = 10
#: Pages that are connected at once.
MOST_PAGES = 100
#: Octets of one message of a page, and of its headers.
MOST_MESSAGE_BYTES, MOST_HEADER_BYTES = 262_144, 16_384
#: Messages of one page: so many at once, and then so many a second.
BURST, RATE_HZ = 120, 40

#: Requests of one address: pages, scripts, words, and files of the lead.
REQUEST_BURST, REQUEST_RATE_HZ = 400, 40
#: How long an upload may take [s], and how many there may be at once.
UPLOAD_S, UPLOADS_AT_ONCE = 120, 4

#: Headers of every answer.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


def new_code(letters: int) -> str:
    """A code that nobody guesses."""
    return "".join(secrets.choice(_LETTERS) for _ in range(letters))


def new_codes() -> dict[str, str]:
    """Codes of whoever leads and of viewers."""
    return {role: new_code(letters) for role, letters in _LENGTHS.items()}


def codes_kept_in(path: Path) -> dict[str, str]:
    """The codes in a file that only its owner may read, or new ones in it where they are too old."""
    kept = recent(path)
    codes = kept if isinstance(kept, dict) else {}
    if codes.keys() == _LENGTHS.keys() and all(
        re.fullmatch(f"[{_LETTERS}]{{{letters}}}", str(codes[role])) for role, letters in _LENGTHS.items()
    ):
        return codes
    codes = new_codes()
    write_recent(path, codes)
    return codes


def recent(path: Path) -> Any:
    """What `write_recent` has kept for a restart; None where it is too old or cannot be read."""
    try:
        if 0 <= time.time() - path.stat().st_mtime < KEPT_S:
            return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        pass
    return None


def write_recent(path: Path, content: object) -> None:
    """Keep something for a restart, in a file that only its owner may read."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        write_file(path, json.dumps(content).encode(), force=True)
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror}.") from None


class Guard:
    """Decides who may come in.

    Parameters
    ----------
    hosts
        Names and addresses by which the studio is reached, without the port.
    port
        Its port.
    shared
        Whether others on the network may join: then everybody needs a code.
    codes
        The codes of a shared studio, where they are kept; None: new ones.
    clock
        Seconds that only grow, for the limits.
    """

    def __init__(
        self,
        hosts: Iterable[str],
        port: int,
        *,
        shared: bool = False,
        codes: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.hosts = {f"{host}:{port}" for host in hosts}
        self.port = port
        self.cookie = f"ewsim-studio-{port}"
        self.codes = dict(codes or new_codes()) if shared else {}
        self._clock = clock
        self._guesses: OrderedDict[str, list[float]] = OrderedDict()
        self._asks: OrderedDict[str, Allowance] = OrderedDict()

    def host_is_ours(self, host: str | None) -> bool:
        """Whether a Host header names this studio."""
        return host is not None and host.casefold() in self.hosts

    def origin_is_ours(self, origin: str | None, host: str | None) -> bool:
        """Whether an Origin header is that of our own page at this host."""
        return origin is not None and host is not None and origin.casefold() == f"http://{host.casefold()}"

    def role(self, code: str | None, address: str) -> str | None:
        """The role that a code gives; None: it gives none, or this address has guessed too often."""
        if not self.codes:
            return "lead"
        if self._too_many(address):
            return None
        given = (code or "").encode()
        found = [role for role, right in self.codes.items() if hmac.compare_digest(given, right.encode())]
        if not found and code:
            self._guesses.setdefault(address, []).append(self._clock())
            while len(self._guesses) > 1_000:
                self._guesses.popitem(last=False)
        return found[0] if found else None

    def may_ask(self, address: str) -> bool:
        """Whether an address may ask for one more thing now."""
        if address not in self._asks:
            self._asks[address] = Allowance(REQUEST_BURST, REQUEST_RATE_HZ, self._clock)
            while len(self._asks) > 1_000:
                self._asks.popitem(last=False)
        return self._asks[address].take()

    def code_of(self, cookies: str | None) -> str | None:
        """The code in a Cookie header."""
        try:
            jar = SimpleCookie(cookies or "")
        except CookieError:
            return None
        return jar[self.cookie].value if self.cookie in jar else None

    def _too_many(self, address: str) -> bool:
        since = self._clock() - 60
        recent = [at for at in self._guesses.get(address, []) if at > since]
        if recent:
            self._guesses[address] = recent
        else:
            self._guesses.pop(address, None)
        return len(recent) >= MOST_GUESSES


class Allowance:
    """How many messages may come: a burst, and then so many a second.

    Parameters
    ----------
    burst
        Messages at once.
    rate_hz
        Messages a second [Hz].
    clock
        Seconds that only grow.
    """

    def __init__(self, burst: float, rate_hz: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._rate_hz, self._clock = burst, rate_hz, clock
        self._left, self._at = burst, clock()

    def take(self) -> bool:
        """Whether one more may come now."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate_hz)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
