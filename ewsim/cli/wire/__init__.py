"""`ewsim wire`: real protocol messages of warnings."""

from __future__ import annotations

import rich_click as click

from ewsim.cli.lazy import LazyGroup

#: Each command and where it lives, in the order of the help.
COMMANDS = {
    "check": "ewsim.cli.wire.check:check",
    "pcap": "ewsim.cli.wire.pcap:pcap",
    "show": "ewsim.cli.wire.show:show",
    "radio": "ewsim.cli.wire.radio:radio",
    "centre": "ewsim.cli.wire.centre:centre",
    "smsc": "ewsim.cli.wire.smsc:smsc",
}


@click.group(cls=LazyGroup, where=COMMANDS)
def wire() -> None:
    """Real protocol messages: in octets, in capture files, and live with real peers.

    \b
    ewsim wire check alert.xml --policy de
    ewsim wire pcap scenarios/dam_break.yaml -o dam_break.pcap
    ewsim wire show dam_break.pcap
    ewsim wire radio scenarios/dam_break.yaml --listen CBSP
    """
