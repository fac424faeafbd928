"""Options that commands on CAP files share."""

from __future__ import annotations

import rich_click as click

policy_option = click.option(
    "--policy",
    "name",
    default="default",
    show_default=True,
    metavar="NAME|FILE",
    help="Who decides: a country, or a YAML file of your own.",
)
