"""`ewsim network show`: a network in words, or drawn."""

from __future__ import annotations

from pathlib import Path

import rich_click as click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--land", type=click.Path(path_type=Path), metavar="FILE.geojson",
              help="Coastline; rows far off it are left out.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path),
              metavar="FILE.png|FILE.svg|FILE.html",
              help="Draw a map, or write a page with one.")  # fmt: skip
def show(file: Path, land: Path | None, output: Path | None) -> None:
    """Show the network of a table of cells or sites.

    \b
    ewsim network show cells.csv --land land.geojson
    ewsim network show cells.csv --land land.geojson -o network.png
    """
    from ewsim.cli.cap_files import write_file
    from ewsim.errors import UsageError
    from ewsim.network.country import open_network
    from ewsim.report import network_map
    from ewsim.units import RATS

    writers = {".png": network_map.png, ".svg": network_map.svg, ".html": network_map.html}
    if output is not None and output.suffix.lower() not in writers:
        raise UsageError(f"{output}: end the name with .png, .svg or .html.")
    network = open_network(file, land)
    if output is not None:
        write_file(output, writers[output.suffix.lower()](network))
        return
    for name, (sites, *cells) in network_map.summary(network):
        kinds = ", ".join(f"{n:,} {rat}" for n, rat in zip(cells, RATS, strict=True) if n)
        click.echo(f"{name}: {sites:,} sites, cells: {kinds}")
    for note in network.notes:
        click.echo(note)
