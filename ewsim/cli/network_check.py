"""`ewsim network check`: what is wrong or odd in a table of cells or sites."""

from __future__ import annotations

import json
from pathlib import Path

import rich_click as click
from click.exceptions import Exit


@click.command()
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """Check tables of cells or sites: every finding at once, with its line.

    Exit code 3 when anything is an error.

    \b
    ewsim network check cells.csv
    """
    from dataclasses import asdict

    from ewsim.errors import DataError, Diagnostic
    from ewsim.network.formats import read_rows

    found: list[Diagnostic] = []
    for file in files:
        try:
            table = read_rows(file)
        except DataError as error:
            found += error.diagnostics
        else:
            if not as_json:
                click.echo(f"{file}: {' '.join(table.notes)}")
    if as_json:
        document = {
            "format": "ewsim.network_check/1",
            "files": [str(file) for file in files],
            "findings": [asdict(one) for one in found],
        }
        click.echo(json.dumps(document, indent=2))
    else:
        for one in found:
            click.echo(one)
    if found:
        raise Exit(DataError.exit_code)
