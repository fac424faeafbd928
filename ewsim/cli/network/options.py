"""Options that several commands of `ewsim network` have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import rich_click as click

from ewsim.cli.numbers import Finite

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def file_option(*names: str, kind: str, words: str) -> Decorator:
    """An option that names a file.

    Parameters
    ----------
    *names
        As for `click.option`.
    kind
        What the help shows for the file.
    words
        The help.
    """
    return click.option(*names, type=click.Path(path_type=Path), metavar=kind, help=words)


def max_offshore_option(words: str) -> Decorator:
    """The option for the distance off the land."""
    return click.option(
        "--max-offshore-m", type=Finite(min=0), default=30_000.0, show_default=True, help=words
    )


places_option = file_option(
    "--places",
    kind="FILE.csv|FILE.tif|FILE.geojson",
    words="Where people live, for a table of cells: places, a raster, zones.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
