"""`ewsim wire`: real protocol messages of warnings."""

from __future__ import annotations

import rich_click as click

from ewsim.cli.lazy import LazyGroup

#: Each command and where it lives, in the order of the help.
COMMANDS = {
    "check": "ewsim.cli.wire.check:check",
    "pcap": "ewsim.cli.wire.pcap:pcap",
    "show": "ewsim.cli.wire.show:show",
}


@click.group(cls=LazyGroup, where=COMMANDS)
def wire() -> None:
    """Say a warning in every protocol, write a run as a capture file, read warnings out of one.

    \b
    ewsim wire check alert.xml --policy de
    ewsim wire pcap scenarios/dam_break.yaml -o dam_break.pcap
    ewsim wire show dam_break.pcap
    """
