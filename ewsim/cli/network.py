"""`ewsim network`: tables of cells and sites, from checking to drawing."""

from __future__ import annotations

import importlib

import rich_click as click

#: Each command and where it lives, in the order of the help.
COMMANDS = {
    "check": "ewsim.cli.network_check:check",
    "show": "ewsim.cli.network_show:show",
}


class NetworkGroup(click.RichGroup):
    """A group that imports a command when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command of the table."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=NetworkGroup)
def network() -> None:
    """Check, import and show tables of cells and sites.

    \b
    ewsim network check cells.csv
    ewsim network show cells.csv --land land.geojson -o network.png
    """
