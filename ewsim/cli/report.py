"""`ewsim report` and `ewsim replay`: a finished run's pages again, from its folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

if TYPE_CHECKING:
    from ewsim.result.record import Result


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Default: DIR/report.html, or DIR/report.pdf."
)
@click.option("--pdf", is_flag=True, help="Write a PDF, tagged for screen readers; needs Chromium or Chrome.")
@click.option(
    "--language", default="en", metavar="TAG", help="Language of the brief and headings: en, fr, es, ar."
)
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
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: DIR/replay.html.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def replay(folder: Path, output: Path | None, force: bool) -> None:
    """Write the replay of a finished run again: a map with a slider over time, one HTML file.

    \b
    ewsim run scenarios/island_cyclone.yaml -o out --no-report
    ewsim replay out
    """
    from ewsim.report.replay import page

    _write("replay.html", lambda result: page.render(result).encode(), folder, output, force=force)


def _write(
    name: str, render: Callable[[Result], bytes], folder: Path, output: Path | None, *, force: bool
) -> None:
    from ewsim.errors import RunError
    from ewsim.files import write_file
    from ewsim.result.record import Result

    path = folder / name if output is None else output
    if output is not None and output.is_dir():
        raise RunError(f"{output} is a folder. Name a file with -o.")
    if path.exists() and not force:
        raise RunError(f"{path} exists already. Choose another file with -o, or replace it with --force.")
    write_file(path, render(Result.load(folder)), force=force)
    click.echo(path)
