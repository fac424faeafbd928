"""`ewsim country`: scenarios of real countries."""

from __future__ import annotations

import rich_click as click

from ewsim.cli.lazy import LazyGroup

#: Each command and where it lives, in the order of the help.
COMMANDS = {"new": "ewsim.cli.country.start:new"}


@click.group(cls=LazyGroup, where=COMMANDS)
def country() -> None:
    """Start a scenario of a real country from the files that you have.

    \b
    ewsim country new --cells cells.csv --land land.geojson --places places.csv -o my_country
    ewsim run my_country/scenario.yaml -o out
    """
