"""`ewsim studio`: the same program with a page in front."""

from pathlib import Path

import rich_click as click

from ewsim.cli.numbers import Whole


@click.command()
@click.argument("what", metavar="[SCENARIO|RESULT]", required=False, type=click.Path(path_type=Path))
@click.option("--share", is_flag=True, help="Let others on the network join, with a code.")
@click.option("--port", type=Whole(0, 65_535), help="Default: 8765, or the next that is free.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("studio"),
    show_default=True,
    metavar="DIR",
    help="Where your work is kept.",
)
@click.option(
    "--scenarios",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder of scenarios or finished runs to choose from.",
)
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
def studio(
    what: Path | None,
    share: bool,
    port: int | None,
    folder: Path,
    scenarios: tuple[Path, ...],
    no_browser: bool,
) -> None:
    """Plan, teach and try an alert on a map, in a browser on this machine; no network is needed.

    Without SCENARIO or RESULT it continues the work that was open last.

    \b
    ewsim studio
    ewsim studio scenarios/island_cyclone.yaml
    ewsim studio --share
    """
    from ewsim.studio.open import Wish, run_studio

    run_studio(
        Wish(what, share, port, folder, scenarios, not no_browser),
        say=lambda line: click.echo(line, err=True),
    )
