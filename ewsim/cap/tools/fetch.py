"""Fetching from other people's ground: size, time, redirects and addresses are bounded.

No address of this machine or its network is asked, whatever a name resolves to and a redirect says.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

from ewsim.errors import CapError, Diagnostic
from ewsim.version import __version__

CAP_TYPE: Final = "application/cap+xml"
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_CHUNK: Final = 65_536
#: What a path and a query may hold as it stands (RFC 3986); the rest is written with % (RFC 3987).
_SAFE: Final = "%/?:@!$&'()*+,;=-._~[]"
#: Addresses that machines of the Internet have (RFC 4291, IANA); the rest is for special use.
_GLOBAL: Final = ipaddress.IPv6Network("2000::/3")
_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")
#: Within them: Teredo and benchmarks, 6to4 (judged by its IPv4), documentation.
_SPECIAL: Final = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))


@dataclass(frozen=True, slots=True)
class Limits:
    """What a fetch may take. `private`: addresses of this machine and network are allowed."""

    octets: int = 10_000_000
    seconds: float = 30.0
    redirects: int = 5
    alerts: int = 200
    private: bool = False


class FetchError(CapError):
    """Something could not be fetched, or must not be."""

    def __init__(self, url: str, reason: str, fix: str = "") -> None:
        super().__init__([Diagnostic(url, 0, 0, reason, fix)])
        self.reason = reason


def fetch_url(url: str, limits: Limits | None = None, deadline: float | None = None) -> bytes:
    """The body of a URL, unpacked, within limits; raises `FetchError` with the reason.

    Parameters
    ----------
    url, limits, deadline
        As in `fetch_from`; the deadline is in [s, of time.monotonic].
    """
    return fetch_from(url, limits, deadline)[1]


def fetch_from(url: str, limits: Limits | None = None, deadline: float | None = None) -> tuple[str, bytes]:
    """The URL that a URL leads to through its redirects, and the body, as `fetch_url` gives it.

    Parameters
    ----------
    url
        What to fetch.
    limits
        What it may take; the default limits when None.
    deadline
        When it must be finished [s, of time.monotonic]; `limits.seconds` from now when None.
    """
    limits = limits or Limits()
    deadline = deadline or time.monotonic() + limits.seconds
    for _ in range(limits.redirects + 1):
        status, headers, body = _once(url, limits, deadline)
        if status in _REDIRECTS and headers.get("location"):
            try:
                url = urljoin(url, headers["location"])
            except ValueError as error:
                where = headers["location"][:200]
                raise FetchError(url, f"it redirects to {where!r}, which is not a URL: {error}") from None
            continue
        if status != http.client.OK:
            name = http.client.responses.get(status, "")
            raise FetchError(url, f"the server answers {status} {name}".rstrip())
        return url, body
    raise FetchError(url, f"more than {limits.redirects} redirects")


def _once(url: str, limits: Limits, deadline: float) -> tuple[int, dict[str, str], bytes]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise FetchError(url, f"this is not a URL: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise FetchError(url, "only http:// and https:// are fetched")
    if parts.username is not None:
        raise FetchError(url, "a URL with a user name or password is not fetched")
    port = port or (443 if parts.scheme == "https" else 80)
    address = _address(url, host, port, limits)
    path = quote(
        (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_SAFE, errors="replace"
    )
    connection = _Pinned(host, port, address, _left(url, deadline), parts.scheme == "https")
    watchdog = threading.Timer(_left(url, deadline), connection.stop)
    watchdog.daemon = True
    watchdog.start()
    try:
        agent = {
            "User-Agent": f"ewsim/{__version__}",
            "Accept-Encoding": "gzip, identity",
            "Accept": f"{CAP_TYPE}, application/atom+xml, application/rss+xml, */*;q=0.1",
        }
        connection.request("GET", path, headers=agent)
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        if response.status != http.client.OK:
            return response.status, headers, b""
        return response.status, headers, _body(url, connection, response, headers, limits, deadline)
    except TimeoutError:
        raise FetchError(url, f"no answer within {limits.seconds:g} s") from None
    except (OSError, http.client.HTTPException, UnicodeError, ValueError) as error:
        if time.monotonic() >= deadline:
            raise FetchError(url, f"not finished within {limits.seconds:g} s") from None
        raise FetchError(url, f"cannot be fetched: {error}") from None
    finally:
        watchdog.cancel()
        connection.close()


def _address(url: str, host: str, port: int, limits: Limits) -> str:
    """The address to ask, after the name is resolved: every address of the name must be public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FetchError(url, f"the name {host} is not known: {reason}") from None
    addresses = [str(row[4][0]).split("%")[0] for row in found]
    for address in addresses:
        if not limits.private and not _is_public(address):
            raise FetchError(
                url,
                f"{_named(host, address)} of this machine or a private network.",
                "Allow it with --allow-private, if you run that server.",
            )
    return addresses[0]


def _named(host: str, address: str) -> str:
    return f"{host} is an address" if host == address else f"{host} is {address}, an address"


def _is_public(text: str) -> bool:
    """Whether an address is one of the Internet, and so is the IPv4 address written inside it."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        inner, low = address.ipv4_mapped or address.sixtofour, int(address) & 0xFFFFFFFF
        if address in _TRANSLATED:  # RFC 6052: IPv4 behind a translator
            inner = ipaddress.IPv4Address(low)
        elif inner is None and (address not in _GLOBAL or any(address in other for other in _SPECIAL)):
            return False
        elif int(address) >> 32 & 0xFDFFFFFF == 0x5EFE:  # RFC 5214: IPv4 in a tunnel of a site
            inner = ipaddress.IPv4Address(low)
        address = inner or address
    return address.is_global and not address.is_multicast


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was judged: the name is not resolved again."""

    def __init__(self, host: str, port: int, address: str, timeout: float, secure: bool) -> None:
        super().__init__(host, port, timeout=timeout)
        self.address = address
        self.secure = secure
        self.raw: socket.socket | None = None
        if secure:
            self.default_port = 443

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        self.raw = self.sock
        if self.secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
            self.raw = self.sock

    def stop(self) -> None:
        """End the connection at the deadline, though the other side still drips bytes."""
        if self.raw is not None:
            with contextlib.suppress(OSError):
                self.raw.shutdown(socket.SHUT_RDWR)


def _left(url: str, deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise FetchError(url, "the time limit of this feed is over")
    return left


def _body(
    url: str,
    connection: _Pinned,
    response: http.client.HTTPResponse,
    headers: dict[str, str],
    limits: Limits,
    deadline: float,
) -> bytes:
    """The body, unpacked as it arrives, so that a bomb stops at the limit."""
    coding = headers.get("content-encoding", "identity").lower()
    if coding not in ("identity", "gzip", ""):
        raise FetchError(url, f"the encoding {coding!r} is not known")
    unpack = zlib.decompressobj(31) if coding == "gzip" else None
    body = bytearray()
    read = 0
    while True:
        left = _left(url, deadline)
        if connection.sock is not None:
            connection.sock.settimeout(left)
        chunk = response.read1(_CHUNK)
        if not chunk:
            _left(url, deadline)  # an end that the watchdog made is none
            break
        read += len(chunk)
        if unpack is not None:
            try:
                chunk = unpack.decompress(chunk, limits.octets - len(body) + 1)
            except zlib.error as error:
                raise FetchError(url, f"the gzip data is broken: {error}") from None
        body += chunk
        if max(len(body), read) > limits.octets:
            raise FetchError(url, f"it is larger than {limits.octets} bytes")
    if unpack is not None and not unpack.eof:
        raise FetchError(url, "the gzip data ends too early")
    return bytes(body)
