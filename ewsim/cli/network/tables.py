"""`ewsim network check` and `import`: what is wrong or odd in a table of cells or sites, and a clean copy."""

import json
from pathlib import Path

import rich_click as click
from click.exceptions import Exit

from ewsim.cli.options import file_option, max_offshore_option
from ewsim.errors import count_of


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@file_option("--land", kind="FILE.geojson", words="Coastline; rows in the sea and abroad are reported.")
@max_offshore_option("Rows further off the land than this are abroad [m].")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(files: tuple[Path, ...], land: Path | None, max_offshore_m: float, as_json: bool) -> None:
    """Check tables of cells or sites: every finding at once, with its line.

    Exit code 3 if anything is an error. Warnings are rows that are left out or look wrong.

    \b
    ewsim network check cells.csv --land land.geojson
    """
    from dataclasses import asdict

    from ewsim.errors import DataError
    from ewsim.network.tables.check import check_table

    done = []
    for file in files:
        one = check_table(file, land, max_offshore_m)
        done.append(one)
        if not as_json:
            for finding in one.findings:
                click.echo(finding)
            cells = ", ".join(f"{n:,} {name}" for name, n in one.cells.items() if n)
            none = "no technology is stated" if one.used_count else "none"
            rows = count_of(one.row_count, "rows")
            click.echo(f"{file}: {rows}, {one.used_count:,} of use: {cells or none}")
    if as_json:
        tables = [
            {
                "path": one.file,
                "row_count": one.row_count,
                "used_count": one.used_count,
                "operators": one.operators,
                "cells": one.cells,
                "repeat_count": one.repeat_count,
                "off_land": [{"beyond_m": step, "row_count": n} for step, n in one.off_land.items()],
            }
            for one in done
        ]
        document = {
            "format": "ewsim.network_check/1",
            "files": tables,
            "findings": [asdict(finding) for one in done for finding in one.findings],
        }
        click.echo(json.dumps(document, indent=2))
    if any(one.failed for one in done):
        raise Exit(DataError.exit_code)


@click.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@file_option("-o", "--output", kind="FILE.csv", words="Where to write; default: standard output.")
@file_option("--land", kind="FILE.geojson", words="Coastline; rows far off it are dropped.")
@max_offshore_option("Further off the land than this is dropped [m].")
@click.option("--strict", is_flag=True, help="Refuse a table with faults instead of dropping rows.")
@click.option("--force", is_flag=True, help="Replace the file of -o.")
def import_(
    file: Path, output: Path | None, land: Path | None, max_offshore_m: float, strict: bool, force: bool
) -> None:
    """Write a clean copy of a table of cells or sites, in the columns of ITU's site tables.

    What was dropped or assumed is printed on standard error; nothing is repaired silently.

    \b
    ewsim network import cells.csv --land land.geojson -o sites.csv
    """
    from ewsim.errors import UsageError
    from ewsim.files import write_file
    from ewsim.network.tables.conversion import convert

    if output is not None and output.exists() and not force:
        raise UsageError(f"{output} is there already; name another file, or add --force.")
    done = convert(file, land, strict=strict, max_offshore_m=max_offshore_m)
    for note in done.notes:
        click.echo(f"{file}: {note}", err=True)
    if output is None:
        click.echo(done.text, nl=False)
    else:
        write_file(output, done.text.encode(), force=force)
