"""Feeds of alerts: read an Atom or RSS feed from a file or a URL, keep a folder of its alerts.

A URL is other people's ground: size, time, redirects and the number of alerts are bounded, and no
address of this machine or its network is asked, whatever a name resolves to and a redirect says.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import ipaddress
import os
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urljoin, urlsplit

from ewsim import __version__
from ewsim.cap.document import Document, Node, read_document
from ewsim.errors import CapError, Diagnostic, UsageError

_REDIRECTS: Final = (301, 302, 303, 307, 308)
_CAP_TYPE: Final = "application/cap+xml"
_CHUNK: Final = 65_536


@dataclass(frozen=True, slots=True)
class Limits:
    """What a fetch may take. `private`: addresses of this machine and network are allowed."""

    octets: int = 10_000_000
    seconds: float = 30.0
    redirects: int = 5
    alerts: int = 200
    private: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One alert of a feed: where it came from and its bytes, or why there are none."""

    place: str
    source: bytes | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one alert in the folder."""

    path: Path
    state: Literal["new", "known", "changed"]


class FetchError(CapError):
    """Something could not be fetched, or must not be."""

    def __init__(self, url: str, reason: str, fix: str = "") -> None:
        super().__init__([Diagnostic(url, 0, 0, reason, fix)])
        self.reason = reason


def read_feed(place: str, limits: Limits | None = None) -> tuple[Item, ...]:
    """The alerts of a feed: those inside it, and those it links to.

    Parameters
    ----------
    place
        A URL (http, https) or a file. Links of a file lead into its own folder or to a URL.

    Raises
    ------
    UsageError
        A file that cannot be opened.
    CapError
        The feed itself cannot be read; a single alert that cannot be is an `Item` with a problem.
    """
    limits = limits or Limits()
    deadline = time.monotonic() + limits.seconds
    remote = _is_url(place)
    if remote:
        source = fetch(place, limits, deadline)
    else:
        source = _read_file(Path(place), limits, named=True)
    document = read_document(source, place)
    if document.root.name == "alert":
        return (Item(place, source),)
    items = [Item(f"{place}#{n}", _cut(document, node))
             for n, node in enumerate(document.alerts, 1)]  # fmt: skip
    links = list(dict.fromkeys(_links(document.root)))
    wanted = links[: max(limits.alerts - len(items), 0)]
    items += [_follow(link, place, remote, limits, deadline) for link in wanted]
    left = len(links) + len(document.alerts) - len(items)
    if left > 0:
        items.append(Item(place, None, f"{left} more alerts are beyond the limit"))
    return tuple(items[: limits.alerts + 1])


def _follow(link: str, feed: str, remote: bool, limits: Limits, deadline: float) -> Item:
    try:
        if remote or _is_url(link):
            url = urljoin(feed, link) if remote else link
            return Item(url, fetch(url, limits, deadline))
        folder = Path(feed).resolve().parent
        path = (folder / link).resolve()
        if not path.is_relative_to(folder):
            return Item(link, None, "it leads out of the feed's folder")
        return Item(str(path), _read_file(path, limits))
    except CapError as error:
        return Item(link, None, error.diagnostics[0].message)


def _is_url(place: str) -> bool:
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", place) is not None


def _read_file(path: Path, limits: Limits, *, named: bool = False) -> bytes:
    """A file; when it was `named` by the user and is not there, the command was wrong."""
    try:
        with path.open("rb") as file:
            source = file.read(limits.octets + 1)
    except (OSError, ValueError) as error:
        if named:
            reason = getattr(error, "strerror", None) or error
            raise UsageError(f"{path} cannot be read: {reason}.") from None
        raise CapError([Diagnostic(str(path), 0, 0, f"cannot be read: {error}")]) from None
    if len(source) > limits.octets:
        raise CapError([Diagnostic(str(path), 0, 0, f"is larger than {limits.octets} bytes")])
    return source


def _cut(document: Document, node: Node) -> bytes:
    """The bytes of an alert inside a feed, as a document of its own."""
    from lxml import etree

    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True)
    tree = etree.fromstring(document.text.encode(), parser)
    element = next(e for n, e in enumerate(tree.iter("*")) if n == node.index)
    element.tail = None
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(element, encoding="utf-8")


def _links(root: Node) -> Iterator[str]:
    """What the entries of an Atom feed or the items of an RSS feed lead to; CAP's type first."""
    stack = [root]
    entries: list[Node] = []
    while stack:
        node = stack.pop()
        if node.name in ("entry", "item"):
            entries.append(node)
        else:
            stack += reversed(node.children)
    for entry in entries:
        if any(_holds_alert(child) for child in entry.children):
            continue
        found = [(child.attributes or {}, child.text.strip()) for child in entry.children
                 if child.name in ("link", "enclosure")]  # fmt: skip
        typed = [a.get("href") or a.get("url") for a, _ in found if a.get("type") == _CAP_TYPE]
        other = [
            a.get("href") or text
            for a, text in found
            if a.get("rel", "alternate") == "alternate" and a.get("type") != "text/html"
        ]
        link = next((link for link in (*typed, *other) if link), None)
        if link:
            yield link


def _holds_alert(node: Node) -> bool:
    return node.name == "alert" or any(_holds_alert(child) for child in node.children)


# --- the network ----------------------------------------------------------------------------------


def fetch(url: str, limits: Limits | None = None, deadline: float | None = None) -> bytes:
    """The body of a URL, unpacked, within limits; raises `FetchError` with the reason."""
    limits = limits or Limits()
    deadline = deadline or time.monotonic() + limits.seconds
    for _ in range(limits.redirects + 1):
        status, headers, body = _once(url, limits, deadline)
        if status in _REDIRECTS and headers.get("location"):
            url = urljoin(url, headers["location"])
            continue
        if status != http.client.OK:
            name = http.client.responses.get(status, "")
            raise FetchError(url, f"the server answers {status} {name}".rstrip())
        return body
    raise FetchError(url, f"more than {limits.redirects} redirects")


def _once(url: str, limits: Limits, deadline: float) -> tuple[int, dict[str, str], bytes]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise FetchError(url, f"this is no URL: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise FetchError(url, "only http:// and https:// are fetched")
    if parts.username is not None:
        raise FetchError(url, "a URL with a user name or password is not fetched")
    port = port or (443 if parts.scheme == "https" else 80)
    address = _address(url, host, port, limits)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _Pinned(host, port, address, _left(url, deadline), parts.scheme == "https")
    watchdog = threading.Timer(_left(url, deadline), connection.stop)
    watchdog.daemon = True
    watchdog.start()
    try:
        agent = {
            "User-Agent": f"ewsim/{__version__}",
            "Accept-Encoding": "gzip, identity",
            "Accept": f"{_CAP_TYPE}, application/atom+xml, application/rss+xml, */*;q=0.1",
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
    except (OSError, UnicodeError) as error:
        raise FetchError(url, f"the name {host} is not known: {error}") from None
    addresses = [str(row[4][0]).split("%")[0] for row in found]
    for address in addresses:
        if not limits.private and not _is_public(address):
            raise FetchError(
                url, f"{host} is {address}, an address of this machine or a private network",
                "Allow it with --allow-private, if you run that server.",
            )  # fmt: skip
    return addresses[0]


def _is_public(text: str) -> bool:
    address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in ipaddress.ip_network("64:ff9b::/96"):  # RFC 6052: IPv4 behind a translator
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
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
        raise FetchError(url, "the time for this feed is over")
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


# --- the folder -----------------------------------------------------------------------------------


def keep(source: bytes, folder: Path) -> Kept:
    """Write one alert into a folder under a name made of its identifier; whole or not at all."""
    document = read_document(source, "alert")
    node = document.alerts[0] if document.alerts else document.root
    path = folder / file_name(node.value("sender"), node.value("identifier"), node.value("sent"))
    before = path.read_bytes() if path.exists() else None
    if before == source:
        return Kept(path, "known")
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(source)
    part.replace(path)
    return Kept(path, "new" if before is None else "changed")


def file_name(sender: str, identifier: str, sent: str) -> str:
    """A name for a message that any file system takes: letters, digits, - _ . and a short hash."""
    digest = hashlib.sha256(f"{sender}\0{identifier}\0{sent}".encode()).hexdigest()[:8]
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", identifier).strip("-")[:80] or "alert"
    return f"{plain}.{digest}.xml"
