"""A service on sockets: connections that come and go, whole messages to take, a clock that ticks."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

from ewsim.errors import WireError
from ewsim.peers.connection import MOST_CONNECTIONS, MOST_WAITING, Address, call, listen, next_message

T = TypeVar("T")

#: How often a service is given the time to do something of its own [s].
TICK_S: Final = 0.02

#: Takes a line for each thing that happens.
Report = Callable[[str], None]


def run_whole(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, in a thread of its own where a loop runs already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def silent(_: str) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Endpoints:
    """Where to listen, and what to call: (protocol, address)."""

    listen: Sequence[tuple[str, Address]] = ()
    call: Sequence[tuple[str, Address]] = ()


@dataclass(eq=False)
class Link:
    """An open connection."""

    protocol: str
    name: str
    writer: asyncio.StreamWriter

    def say(self, octets: bytes) -> None:
        """Send a message; a peer that does not read is cut off."""
        if self.writer.is_closing():
            return
        self.writer.write(octets)
        if self.writer.transport.get_write_buffer_size() > MOST_WAITING:
            self.writer.transport.abort()


class Service(Protocol):
    """What is behind the connections."""

    def take(self, link: Link, octets: bytes) -> None:
        """A whole message has come."""

    def tick(self, links: Sequence[Link]) -> bool:
        """Time has passed; whether to go on."""


@dataclass
class _Serving:
    service: Service
    report: Report
    links: list[Link] = field(default_factory=list)

    def handler(self, protocol: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]:
        """What to do with a new connection."""

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            peer = writer.get_extra_info("peername") or ("?", 0)
            link = Link(protocol, f"{peer[0]}:{peer[1]}", writer)
            if len(self.links) >= MOST_CONNECTIONS:
                self.report(f"{protocol}: {link.name} is refused: {MOST_CONNECTIONS} connections are open")
                writer.transport.abort()
                return
            self.links.append(link)
            self.report(f"{protocol}: {link.name} is connected")
            try:
                while octets := await next_message(reader, protocol):
                    self.service.take(link, octets)
                    await writer.drain()
            except (WireError, OSError) as error:
                self.report(f"{protocol}: {link.name}: {error}; the connection is closed")
            except asyncio.CancelledError:
                writer.transport.abort()  # the session has ended
            finally:
                self.links.remove(link)
                writer.close()
                self.report(f"{protocol}: {link.name} is gone")

        return handle


async def serve(
    service: Service,
    endpoints: Endpoints,
    seconds: float,
    report: Report = silent,
    opened: Callable[[str, Address], None] | None = None,
) -> None:
    """Serve until the service ends it, or for so many seconds.

    Parameters
    ----------
    service
        What is behind the connections.
    endpoints
        Where to listen, and what to call.
    seconds
        At most so long [s].
    report
        Called with a line for each thing that happens.
    opened
        Called with each protocol and address that is listened on.

    Raises
    ------
    RunError
        An address cannot be listened on, or nobody answers there.
    """
    serving, loop, servers, calls = _Serving(service, report), asyncio.get_running_loop(), [], []
    try:
        for protocol, address in endpoints.listen:
            server, where = await listen(address, protocol, serving.handler(protocol))
            servers.append(server)
            report(f"{protocol}: listening on {where}")
            if opened is not None:
                opened(protocol, where)
        for protocol, address in endpoints.call:
            streams = await call(address, protocol)
            calls.append(asyncio.ensure_future(serving.handler(protocol)(*streams)))
        ends = loop.time() + seconds
        while loop.time() < ends and service.tick(serving.links):
            await asyncio.sleep(TICK_S)
    finally:
        for server in servers:
            server.close()
        for link in list(serving.links):
            link.writer.close()
        if calls:
            await asyncio.wait(calls, timeout=1)
