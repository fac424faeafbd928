"""`ewsim report`, `ewsim replay` and `ewsim export`: a finished run's pages and files, from its folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from ewsim.cli.options import json_option

if TYPE_CHECKING:
    from ewsim.result.record import Result


#: Each format: the end of its file, or nothing for a folder of tables.
_ENDINGS = {
    **{name: f".{name}" for name in ("geojson", "kml", "kmz", "gpkg")},
    **dict.fromkeys(("csv", "parquet"), ""),
    "matsim": ".plans.xml",
    "sumo": ".trips.xml",
    "sumo_flows": ".flows.xml",
}


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Default: DIR/report.html, or DIR/report.pdf."
)
@click.option("--pdf", is_flag=True, help="Write a PDF, tagged for screen readers; needs Chromium or Chrome.")
@click.option("--language", default="en", metavar="TAG", help="Language of the report: en, fr, es, ar.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def report(folder: Path, output: Path | None, pdf: bool, language: str, force: bool) -> None:
    """Write the report of a finished run again: one HTML file to read and print offline, or a PDF.

    \b
    ewsim run scenarios/island_cyclone.yaml -o out --no-report
    ewsim report out
    ewsim report out --pdf
    ewsim report out --language fr -o for_the_minister.html
    """
    from ewsim import report as pages
    from ewsim.report.pdf import print_pdf
    from ewsim.report.speech import speech_of

    say = speech_of(language)

    def render(result: Result) -> bytes:
        html = pages.render(result, say)
        return print_pdf(html) if pdf else html.encode()

    _write("report.pdf" if pdf else "report.html", render, folder, output, force=force)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("other", metavar="[OTHER_DIR]", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: DIR/replay.html.")
@click.option("--gif", is_flag=True, help="Write an animated GIF for slides.")
@click.option("--mp4", is_flag=True, help="Write an MP4 for slides; needs ffmpeg.")
@click.option("--language", default="en", metavar="TAG", help="Language of the page: en, fr, es, ar.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def replay(
    folder: Path, other: Path | None, output: Path | None, gif: bool, mp4: bool, language: str, force: bool
) -> None:
    """Write the replay of a finished run again: a map with a slider over time, one HTML file.

    With a second run, both are beside each other with one slider: DIR/replay_pair.html.

    \b
    ewsim run scenarios/island_cyclone.yaml -o out --no-report
    ewsim replay out
    ewsim replay out --gif
    """
    from ewsim.errors import UsageError
    from ewsim.report.replay import film, page
    from ewsim.report.speech import speech_of
    from ewsim.result.record import Result

    say = speech_of(language)
    if gif + mp4 + (other is not None) > 1:
        raise UsageError("Choose one of --gif, --mp4 and a second run.")
    if other is not None:
        name, render = "replay_pair.html", lambda run: page.render_pair(run, Result.load(other), say).encode()
    elif gif or mp4:
        name, filmed = ("replay.gif", film.as_gif) if gif else ("replay.mp4", film.as_mp4)
        render = partial(filmed, say=say)
    else:
        name, render = "replay.html", lambda run: page.render(run, say=say).encode()
    _write(name, render, folder, output, force=force)


def _write(
    name: str, render: Callable[[Result], bytes], folder: Path, output: Path | None, *, force: bool
) -> None:
    from ewsim.cli.run import with_sweep
    from ewsim.errors import RunError
    from ewsim.files import write_file
    from ewsim.result.record import Result

    path = folder / name if output is None else output
    if output is not None and output.is_dir():
        raise RunError(f"{output} is a folder. Name a file with -o.")
    if path.exists() and not force:
        raise RunError(f"{path} exists already. Choose another file with -o, or replace it with --force.")
    write_file(path, render(with_sweep(Result.load(folder), folder)), force=force)
    click.echo(path)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(list(_ENDINGS)), required=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="File or folder; default: DIR/export and its ending.",
)
@click.option("--people", is_flag=True, help="Also write everybody in the area, one point for each person.")
@click.option(
    "--to", "safe", multiple=True, metavar="LAT,LON", help="A safe place; default: the edge of the area."
)
@json_option
@click.option("--force", is_flag=True, help="Replace what is there.")
def export(
    folder: Path,
    form: str,
    output: Path | None,
    people: bool,
    safe: tuple[str, ...],
    as_json: bool,
    force: bool,
) -> None:
    """Write a finished run for other programs: maps, tables, departures.

    geojson, kml, kmz and gpkg hold the alert area, sites and places; csv and parquet are folders of all
    tables; matsim, sumo and sumo_flows say when people leave, for runs with the response layer.

    \b
    ewsim run scenarios/island_cyclone.yaml -o out --no-report
    ewsim export out --format geojson
    ewsim export out --format parquet -o tables
    """
    from ewsim.errors import UsageError
    from ewsim.files import write_file, write_folder
    from ewsim.report.exports import departures, formats
    from ewsim.result.record import Result

    path = folder / f"export{_ENDINGS[form] or '_' + form}" if output is None else output
    if path.exists() and (not force or path.is_dir() != (form in formats.FOLDERS)):
        raise UsageError(f"{path} exists already. Name another with -o, or replace it with --force.")
    places = [_place(text) for text in safe]
    if safe and form not in departures.FORMATS:
        raise UsageError("--to is for matsim, sumo and sumo_flows.")
    result = Result.load(folder)
    if form in formats.FOLDERS:
        files = formats.table_files(result, form)
        if path.exists():
            for name, content in files.items():
                write_file(path / name, content, force=True)
        else:
            write_folder(path, files)
    elif form in departures.FORMATS:
        write_file(path, departures.departures_of(result, form, places), force=force)
    else:
        write_file(path, formats.map_file(result, form, people=people), force=force)
    click.echo(json.dumps({"format": "ewsim.exported/1", "path": str(path)}) if as_json else path)


def _place(text: str) -> tuple[float, float]:
    """A safe place from its words."""
    from ewsim.errors import UsageError

    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        lat = lon = float("nan")
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise UsageError(f"--to {text!r} is not a place. Write degrees: --to 15.5,-45.0")
    return lat, lon
