"""`ewsim network import`: a clean table of sites from whatever table there is."""

from pathlib import Path

import rich_click as click

from ewsim.cli.options import file_option, max_offshore_option


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
