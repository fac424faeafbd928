"""`ewsim network`: tables of cells and sites, from checking to drawing."""

from __future__ import annotations

import rich_click as click

from ewsim.cli.lazy import LazyGroup

#: Each command and where it lives, in the order of the help.
COMMANDS = {
    "make": "ewsim.cli.network.make:make",
    "check": "ewsim.cli.network.check:check",
    "import": "ewsim.cli.network.importing:import_",
    "show": "ewsim.cli.network.show:show",
    "gaps": "ewsim.cli.network.gaps:gaps",
    "outlook": "ewsim.cli.network.outlook:outlook",
}


@click.group(cls=LazyGroup, where=COMMANDS)
def network() -> None:
    """Invent countries; check, import and show tables of cells and sites.

    \b
    ewsim network make small_island_state -o my_island
    ewsim network check cells.csv
    ewsim network show cells.csv --land land.geojson -o network.png
    ewsim network show cells.csv --alert alert.xml --policy intersect --policy site_in
    ewsim network gaps cells.csv --land land.geojson --places places.csv
    ewsim network outlook customers.csv --access open --report 0.9=0.52
    """
