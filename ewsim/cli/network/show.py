"""`ewsim network show`: a network in words, or drawn; one alert on it under several policies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from ewsim.cli.options import file_option, places_option
from ewsim.errors import count_of

if TYPE_CHECKING:
    from ewsim.country.survey import Survey
    from ewsim.network.topology import Network
    from ewsim.report.maps.network import Panel


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@file_option("--land", kind="FILE.geojson", words="Coastline; rows far off it are left out.")
@file_option("-o", "--output", kind="FILE.png|FILE.svg|FILE.html", words="Draw a map or a page.")
@file_option(
    "--alert", kind="FILE.xml", words="Which cells would carry this message, and whom they would alert."
)
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="NAME[=SHARE][+METRES]",
    help="How cells are chosen; repeat to compare. Default: all.",
)
@click.option(
    "--footprint",
    type=click.Choice(["nominal", "best_server"]),
    default="nominal",
    show_default=True,
    help="The ground of a cell.",
)
@places_option
@file_option("--admin-areas", kind="FILE.geojson", words="Areas for the policy county and for geocodes.")
@click.option(
    "--geocode",
    "geocodes",
    multiple=True,
    metavar="SCHEME=[PREFIX:]PROPERTY",
    help="The property of the areas that holds a geocode's values.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
@click.option("--force", is_flag=True, help="Replace the file of -o.")
def show(
    file: Path,
    land: Path | None,
    output: Path | None,
    alert: Path | None,
    policies: tuple[str, ...],
    footprint: str,
    places: Path | None,
    admin_areas: Path | None,
    geocodes: tuple[str, ...],
    as_json: bool,
    force: bool,
) -> None:
    """Show the network of a table of cells or sites, or of a scenario.

    With --alert: the cells that would carry a message, by policy, and how well they fit its area.
    Policies: county, site_in, centroid_in, intersect, overlap, population, greedy, tracking_areas;
    overlap=0.3 sets a threshold (greedy=2 the cost of overshoot), intersect+1000 widens the area.

    \b
    ewsim network show cells.csv --land land.geojson
    ewsim network show cells.csv --land land.geojson -o network.png
    ewsim network show scenario.yaml --alert alert.xml --policy intersect --policy overlap=0.3
    """
    from ewsim.cli.network import policies as network_policies
    from ewsim.country.survey import open_survey
    from ewsim.errors import UsageError
    from ewsim.network.tables.standalone import open_network

    must_be_drawable(output, force=force)
    is_scenario = file.suffix.lower() in (".yaml", ".yml")
    if alert is not None or (is_scenario and policies):
        asked = network_policies.Asked(file, land, places, alert, policies, footprint, admin_areas, geocodes)
        network_policies.compare(
            asked, as_json, None if output is None else lambda *maps: draw(output, *maps, force=force)
        )
        return
    if policies or geocodes:
        raise UsageError("--policy and --geocode need --alert FILE.xml: an area to choose for.")
    if places is not None:
        raise UsageError("--places is for the table of policies: give --alert FILE.xml.")
    survey = open_survey(file) if is_scenario else None
    network = open_network(file, land) if survey is None else survey.network
    if output is not None:
        from ewsim.report.maps.network import overview

        draw(output, network, overview(network, file.name), force=force)
        return
    _say(network, survey, as_json=as_json)


def must_be_drawable(output: Path | None, *, force: bool) -> None:
    """Refuse a name that cannot be written, before there is work to lose."""
    from ewsim.errors import UsageError

    if output is None:
        return
    if output.exists() and not force:
        raise UsageError(f"{output} is there already; name another file, or add --force.")
    if output.suffix.lower() not in (".png", ".svg", ".html"):
        raise UsageError(f"{output}: end the name with .png, .svg or .html.")


def draw(output: Path, network: Network, panels: list[Panel] | None = None, *, force: bool = False) -> None:
    """Write the map of a network, as a picture or a page, by the name's ending.

    Parameters
    ----------
    output
        The file.
    network
        The network.
    panels
        Maps beside each other; None: the network alone.
    force
        Replace the file.
    """
    from ewsim.files import write_file
    from ewsim.report.maps import network as network_map

    writers = {".png": network_map.png, ".svg": network_map.svg, ".html": network_map.html}
    write_file(output, writers[output.suffix.lower()](network, panels), force=force)


def _say(network: Network, survey: Survey | None, *, as_json: bool) -> None:
    from ewsim.country.survey import network_figures
    from ewsim.metrics.network import MEANING, lines
    from ewsim.report.maps import network as network_map
    from ewsim.units import RATS

    rows, warnings = ([], ()) if survey is None else network_figures(survey)
    notes = (*network.notes, *warnings)
    counts = [
        (name, sites, dict(zip(RATS, cells, strict=True)))
        for name, (sites, *cells) in network_map.summary(network)
    ]
    if as_json:
        operators = [{"operator": name, "sites": sites, "cells": cells} for name, sites, cells in counts]
        document = {"format": "ewsim.network/1", "operators": operators, "figures": rows, "notes": notes}
        click.echo(json.dumps(document, indent=2, allow_nan=False))
        return
    for name, sites, cells in counts:
        kinds = ", ".join(f"{n:,} {rat}" for rat, n in cells.items() if n)
        click.echo(f"{name}: {count_of(sites, 'sites')}, cells: {kinds}")
    if survey is not None:
        click.echo("\n".join(["", *lines(rows), "", MEANING, ""]))
    for note in notes:
        click.echo(note)
