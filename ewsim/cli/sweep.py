"""`ewsim sweep`: many runs of one scenario with other values of its keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from ewsim.cli.numbers import RUNS, Whole
from ewsim.cli.options import available_cores, scheduler_option
from ewsim.cli.run import say_notes

if TYPE_CHECKING:
    from ewsim.metrics.sensitivity.record import Sweep
    from ewsim.report.speech import Speech


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--over", "overs", metavar="KEY=VALUES", multiple=True, help="Vary this key; repeatable.")
@click.option("--assumptions", is_flag=True, help="Vary every assumption over its documented range.")
@click.option(
    "--design",
    type=click.Choice(["one", "grid", "lhs", "sobol"]),
    help="How keys vary together. Default: grid; with --assumptions sobol.",
)
@click.option(
    "--samples", type=Whole(2, 65536), default=32, show_default=True, help="Points of lhs and sobol."
)
@click.option("--replications", type=RUNS, default=1, show_default=True, help="Runs of each point.")
@click.option("--figure", default="reach_share", show_default=True, help="The figure to analyse.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write table, page and JSON into this folder."
)
@click.option("--arm", help="Start from this arm.")
@click.option("--set", "sets", metavar="KEY=VALUE", multiple=True, help="Change one value in every run.")
@click.option("--workers", type=Whole(1), default=None, help="Default: the machine's cores.")
@scheduler_option
@click.option("--language", default="en", metavar="TAG", help="Language of the page: en, fr, es, ar.")
@click.option("--json", "as_json", is_flag=True, help="Print the document as JSON.")
@click.option("--force", is_flag=True, help="Replace the output folder.")
def sweep(
    scenario: Path,
    overs: tuple[str, ...],
    assumptions: bool,
    design: Any,
    samples: int,
    replications: int,
    figure: str,
    output: Path | None,
    arm: str | None,
    sets: tuple[str, ...],
    workers: int | None,
    scheduler: str | None,
    language: str,
    as_json: bool,
    force: bool,
) -> None:
    """Vary keys of a scenario: what changes the answer, and by how much?

    Every point has the same people, faults and luck. First each key varies alone, then all together.

    \b
    ewsim sweep scenarios/island_cyclone.yaml --over network.power.battery_median_s=2h,4h,8h
    ewsim sweep scenarios/island_cyclone.yaml --over warn_earlier_s=0..6h --design lhs --samples 50 -o swept
    ewsim sweep scenarios/island_cyclone.yaml --assumptions -o assumed
    """
    from ewsim.cli.terminal import progress
    from ewsim.country.checking import load_checked
    from ewsim.experiments.journal import identity, unfinished
    from ewsim.experiments.sweep.factors import factor_of
    from ewsim.experiments.sweep.running import sweep as run_sweep
    from ewsim.report.speech import speech_of
    from ewsim.result.folder import check_output

    say_in = speech_of(language)
    if output is not None:
        check_output(output, force=force, mark="sweep.json")
    factors = [factor_of(text) for text in overs]
    loaded = load_checked(scenario, sets, arm)
    with unfinished(output, identity(loaded, kind="sweep"), force=force) as journal, progress() as say:
        if journal is not None and journal.finished:
            say_notes([journal.said()], scenario)
        found = run_sweep(
            loaded,
            factors,
            sets=sets,
            design=design or ("sobol" if assumptions else "grid"),
            samples=samples,
            replications=replications,
            figure=figure,
            assumptions=assumptions,
            workers=scheduler or workers or available_cores(),
            progress=say,
            journal=journal,
        )
        outputs = {} if output is None else _write(found, output, say_in, force=force)
    if as_json:
        click.echo(json.dumps({**found.document, "outputs": outputs}, indent=2, allow_nan=False))
        return
    click.echo(found.text())
    for name, path in outputs.items():
        click.echo(f"{name:<6}{path}")


def _write(found: Sweep, output: Path, say: Speech, *, force: bool) -> dict[str, str]:
    from ewsim.report.sweep import page
    from ewsim.report.templating import write_page
    from ewsim.result import folder

    def fill(into: Path) -> None:
        folder.write_parquet(found.table, into / "sweep.parquet", {"format": found.document["format"]})
        folder.write_json(found.document, into / "sweep.json")
        write_page(into / "sweep.html", page.render(found, say))

    folder.write(output, fill, force=force, mark="sweep.json")
    return {
        "page": str(output / "sweep.html"),
        "table": str(output / "sweep.parquet"),
        "json": str(output / "sweep.json"),
    }
