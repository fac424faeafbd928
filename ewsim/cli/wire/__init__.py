"""`ewsim wire`: real protocol messages of warnings."""

from __future__ import annotations

import rich_click as click

from ewsim.cli.lazy import LazyGroup

#: Each command and where it lives, in the order of the help.
COMMANDS = {"check": "ewsim.cli.wire.check:check"}


@click.group(cls=LazyGroup, where=COMMANDS)
def wire() -> None:
    """Say a warning in every protocol.

    \b
    ewsim wire check alert.xml --policy de
    """
