"""Sockets: where to listen and to call, and whole messages out of a stream of octets.

Nothing that comes in is trusted: a message has at most `MOST_OCTETS`, and one that begins must end
within `PATIENCE_S`. SCTP is used where the system has it; a message is one write there.

References
----------
.. [1] RFC 6458 8.1.13 (SCTP_DEFAULT_SEND_PARAM). RFC 9260 (SCTP).
"""

import asyncio
import errno
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, TypeAlias

from ewsim.errors import RunError, UsageError, WireError
from ewsim.wire.capture.writing import SCTP_PORTS, TCP_PORTS
from ewsim.wire.protocols import cbsp, sabp, smpp

#: The longest message; a list of cells has at most 65,535 octets, and a message has a few lists.
MOST_OCTETS: Final = 400_000
#: How long a message that has begun may take to end [s].
PATIENCE_S: Final = 10.0
#: What waits to be sent on one connection; a peer that does not read is cut off beyond that [octets].
MOST_WAITING: Final = 4_000_000
#: Connections at the same time.
MOST_CONNECTIONS: Final = 64

Handler: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_LENGTHS: Final = {
    "CBSP": cbsp.message_length,
    "SABP": sabp.message_length,
    "SBc-AP": sabp.message_length,
    "SMPP": smpp.message_length,
}
_SCTP_DEFAULT_SEND_PARAM: Final = 10


class Address(NamedTuple):
    """A host and a port; `sctp`: not TCP."""

    host: str
    port: int
    sctp: bool = False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}{' (SCTP)' if self.sctp else ''}"


def address_of(text: str, protocol: str, *, tcp: bool = True) -> Address:
    """The address that a user gives as `HOST`, `HOST:PORT` or `:PORT`.

    Parameters
    ----------
    text
        What the user writes; no host: 127.0.0.1.
    protocol
        Whose port it is where none is given.
    tcp
        Whether SBc-AP, too, runs over TCP.

    Raises
    ------
    UsageError
        The port is no number of 0 to 65535.
    """
    host, _, port = text.rpartition(":") if ":" in text and not text.endswith("]") else (text, "", "")
    usual = TCP_PORTS.get(protocol) or SCTP_PORTS[protocol][0]
    if port and not (port.isascii() and port.isdigit() and int(port) < 1 << 16):
        raise UsageError(
            f"{text!r} has no port of 0 to 65535. Write HOST:PORT, 127.0.0.1:{usual} for example."
        )
    number = int(port) if port else usual
    return Address(host.strip("[]") or "127.0.0.1", number, protocol in SCTP_PORTS and not tcp)


async def listen(address: Address, protocol: str, handle: Handler) -> tuple[asyncio.Server, Address]:
    """Listen; the address comes back with its port where 0 was asked for.

    Parameters
    ----------
    address
        Where.
    protocol
        What is spoken there.
    handle
        Called for each connection.
    """
    opened = _socket(address, protocol)
    try:
        opened.bind((address.host, address.port))
        server = await asyncio.start_server(handle, sock=opened, limit=MOST_OCTETS)
    except (OSError, OverflowError) as error:
        opened.close()
        raise RunError(_why(f"{address} cannot be listened on", error)) from None
    return server, address._replace(port=opened.getsockname()[1])


async def call(address: Address, protocol: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect; RunError where nobody answers within `PATIENCE_S`."""
    opened = _socket(address, protocol)
    opened.setblocking(False)
    try:
        loop = asyncio.get_running_loop()
        await asyncio.wait_for(loop.sock_connect(opened, (address.host, address.port)), PATIENCE_S)
        return await asyncio.open_connection(sock=opened, limit=MOST_OCTETS)
    except (OSError, TimeoutError, OverflowError) as error:
        opened.close()
        raise RunError(_why(f"nobody answers at {address}", error)) from None


def _socket(address: Address, protocol: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        if not address.sctp:
            opened = socket.socket(family, socket.SOCK_STREAM)
        else:
            opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_SCTP)
            # Stream, number, flags, payload protocol (as in the network), context, life, two numbers, which.
            chunk = struct.pack("=HHH2xIIIIIi", 0, 0, 0, socket.htonl(SCTP_PORTS[protocol][1]), 0, 0, 0, 0, 0)
            opened.setsockopt(socket.IPPROTO_SCTP, _SCTP_DEFAULT_SEND_PARAM, chunk)
    except OSError as error:
        if address.sctp and error.errno in (errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT):
            raise RunError(
                "This system has no SCTP. Load its module, or use TCP on both sides: --tcp."
            ) from None
        raise RunError(_why("no socket can be opened", error)) from None
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return opened


def _why(what: str, error: Exception) -> str:
    return f"{what}: {getattr(error, 'strerror', None) or error or 'it took too long'}."


async def next_message(reader: asyncio.StreamReader, protocol: str) -> bytes:
    """The next whole message; empty at the end of the connection.

    Raises
    ------
    WireError
        A length that cannot be, or half a message and then silence: the stream cannot be read on.
    """
    found = await reader.read(1)
    if not found:
        return b""
    try:
        return await asyncio.wait_for(_rest(found, reader, protocol), PATIENCE_S)
    except TimeoutError:
        raise WireError(f"{protocol}: a message began, and {PATIENCE_S:g} s later it had not ended") from None
    except asyncio.IncompleteReadError:
        raise WireError(f"{protocol}: the connection ended inside a message") from None


async def _rest(found: bytes, reader: asyncio.StreamReader, protocol: str) -> bytes:
    length = _LENGTHS[protocol]
    while True:
        wanted = length(found)
        if max(wanted, len(found)) > MOST_OCTETS:
            raise WireError(
                f"{protocol}: a message says that it has {wanted} octets, and {MOST_OCTETS} are read"
            )
        if wanted and wanted <= len(found):
            return found
        found += await reader.readexactly(wanted - len(found) if wanted else 1)
