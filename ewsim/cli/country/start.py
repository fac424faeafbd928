"""`ewsim country new`: a scenario from a planner's files."""

import sys
from pathlib import Path

import rich_click as click

from ewsim.cli.numbers import Whole
from ewsim.cli.options import file_option


@click.command()
@file_option("--cells", kind="FILE", words="Table of cells or sites: OpenCelliD, ITU, your own.")
@file_option(
    "--land", kind="FILE", words="Coastline or borders; of several countries, the one with your data is used."
)
@file_option("--places", kind="FILE", words="Where people live: places, a raster, zones, points.")
@click.option("--people", type=Whole(1, 100_000_000), metavar="N", help="People in the country.")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FOLDER", help="A new folder."
)
def new(cells: Path | None, land: Path | None, places: Path | None, people: int | None, output: Path) -> None:
    """Write a scenario of a country, and a CAP message for where most people live.

    Without --land the ground around the data is land, without --cells or --places sites and people are
    invented. Your files stay where they are. docs/guides/new_country.md says where to find such files.

    \b
    ewsim country new --cells 640.csv.gz --land adm0.geojson --places TZ.txt --people 61741120 -o tanzania
    ewsim run tanzania/scenario.yaml -o out
    """
    from datetime import UTC, datetime

    from ewsim.country.drafting.draft import PlannersFiles, draft_country, people_stated
    from ewsim.errors import UsageError
    from ewsim.files import write_folder

    if output.exists():
        raise UsageError(f"{output} is there already; name a new folder.")
    if cells is None and land is None and places is None:
        raise UsageError("Give at least one of --cells, --land, --places.")
    if people is None and sys.stdin.isatty() and sys.stdout.isatty():
        stated = None if places is None else people_stated(places)
        people = click.prompt("People in the country", default=stated, type=Whole(1, 100_000_000))
    given = PlannersFiles(cells, land, places, people)
    sent = datetime.now(UTC).replace(microsecond=0)
    draft = draft_country(output.name, given, output.absolute(), sent)
    write_folder(output, draft.files)
    for name in sorted(draft.files):
        click.echo(output / name)
    for note in draft.notes:
        click.echo(note, err=True)
    click.echo(f"Next: ewsim run {output / 'scenario.yaml'} -o {output / 'out'}", err=True)
