"""What the commands with sockets share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

from ewsim.cli.numbers import Finite

if TYPE_CHECKING:
    from ewsim.peers.centre import Replies
    from ewsim.peers.connection import Address

F = TypeVar("F", bound=Callable[..., Any])

#: Protocols of a broadcast centre.
CENTRE_PROTOCOLS = ("CBSP", "SABP", "SBc-AP")


def live_options(command: F) -> F:
    """Options of time, of every command that talks to a real peer."""
    speed = click.option(
        "--speed",
        type=Finite(0.01, 1000),
        default=1.0,
        show_default=True,
        help="Seconds of the scenario in one real second.",
    )
    tcp = click.option("--tcp", is_flag=True, help="SBc-AP over TCP, if a side has no SCTP.")
    return speed(tcp(command))


def protocol_and_address(text: str, *, tcp: bool) -> tuple[str, Address]:
    """`PROTOCOL`, `PROTOCOL=HOST:PORT`, `PROTOCOL=:PORT`."""
    from ewsim.errors import UsageError
    from ewsim.peers.connection import address_of

    name, _, where = text.partition("=")
    protocol = next((p for p in CENTRE_PROTOCOLS if p.casefold() == name.strip().casefold()), None)
    if protocol is None:
        known = ", ".join(CENTRE_PROTOCOLS)
        raise UsageError(f"{text!r} names no protocol. Write {known}, for example CBSP=127.0.0.1:48049.")
    return protocol, address_of(where.strip(), protocol, tcp=tcp)


def say(line: str) -> None:
    """A line of what happens, on stderr; texts of others are cleaned."""
    from ewsim.cli.cap.files import clean

    click.echo(clean(line), err=True)


def say_replies(heard: Replies) -> None:
    """Print what a peer has answered, and what it refused."""
    for name, count in sorted(heard.names.items()):
        click.echo(f"{count:>8} {name}")
    for line in heard.partial:
        say(f"not everywhere: {line}")
    for line in heard.refusals:
        say(f"refused: {line}")
