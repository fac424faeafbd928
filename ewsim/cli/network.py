"""`ewsim network`: tables of cells and sites, from checking to drawing."""

from __future__ import annotations

import rich_click as click

from ewsim.cli.lazy import LazyGroup

#: Each command and where it lives, in the order of the help.
COMMANDS = {
    "check": "ewsim.cli.network_check:check",
    "show": "ewsim.cli.network_show:show",
}


@click.group(cls=LazyGroup, where=COMMANDS)
def network() -> None:
    """Check, import and show tables of cells and sites.

    \b
    ewsim network check cells.csv
    ewsim network show cells.csv --land land.geojson -o network.png
    """
