"""`ewsim report` and `ewsim replay`: a finished run's pages again, from its folder."""

from __future__ import annotations

from pathlib import Path

import rich_click as click


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Default: DIR/report.html.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def report(folder: Path, output: Path | None, force: bool) -> None:
    """Write the report of a finished run again: one HTML file to read and print offline.

    \b
    ewsim run scenarios/island_cyclone.yaml -o out --no-report
    ewsim report out
    ewsim report out -o for_the_minister.html
    """
    _write("report", folder, output, force=force)


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
    _write("replay", folder, output, force=force)


def _write(page: str, folder: Path, output: Path | None, *, force: bool) -> None:
    from ewsim import report as pages
    from ewsim.errors import RunError
    from ewsim.files import write_file
    from ewsim.report.replay import page as replay_page
    from ewsim.result.record import Result

    path = folder / f"{page}.html" if output is None else output
    if output is not None and output.is_dir():
        raise RunError(f"{output} is a folder. Name a file with -o.")
    if path.exists() and not force:
        raise RunError(f"{path} exists already. Choose another file with -o, or replace it with --force.")
    result = Result.load(folder)
    render = {"report": pages.render, "replay": replay_page.render}[page]
    write_file(path, render(result).encode(), force=force)
    click.echo(path)
