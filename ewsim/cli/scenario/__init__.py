"""`ewsim scenario`: check, list, schema, new."""

from __future__ import annotations

import rich_click as click

from ewsim.cli.lazy import LazyGroup

#: Each command and where it lives, in the order of the help.
COMMANDS = {
    "check": "ewsim.cli.scenario.check:check",
    "list": "ewsim.cli.scenario.start:list_",
    "schema": "ewsim.cli.scenario.start:schema",
    "new": "ewsim.cli.scenario.start:new",
}


@click.group(cls=LazyGroup, where=COMMANDS)
def scenario() -> None:
    """Check, list and start scenario files.

    \b
    ewsim scenario new my_island.yaml
    ewsim scenario check my_island.yaml
    ewsim scenario list scenarios
    """
