"""`ewsim advise`: what would help, tried as arms of a scenario."""

from __future__ import annotations

import json
import math
from pathlib import Path

import rich_click as click

from ewsim.cli.numbers import RUNS, Whole
from ewsim.cli.run import available_cores


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--arm", help="Begin from this arm.")
@click.option("--measure", "measures", multiple=True, help="Try this measure only; may be repeated.")
@click.option(
    "--cost", "costs", metavar="MEASURE=COST", multiple=True, help="What a measure costs, in any unit."
)
@click.option("--replications", type=RUNS, default=1, show_default=True, help="Pairs of runs a measure.")
@click.option("--workers", type=Whole(1), default=None, help="Default: the machine's cores.")
@click.option("--set", "sets", metavar="KEY=VALUE", multiple=True, help="Change one value first.")
@click.option("--json", "as_json", is_flag=True, help="Print the advice as JSON.")
def advise(
    scenario: Path,
    arm: str | None,
    measures: tuple[str, ...],
    costs: tuple[str, ...],
    replications: int,
    workers: int | None,
    sets: tuple[str, ...],
    as_json: bool,
) -> None:
    """Try measures on a scenario and rank them by the people they win.

    Each is run with the same people, faults and luck as the scenario. Measures that do not apply are
    named with the reason. No cost is assumed: --cost ranks by people for what you state.

    \b
    ewsim advise scenarios/island_cyclone.yaml
    ewsim advise scenarios/island_cyclone.yaml --replications 10
    ewsim advise scenarios/island_cyclone.yaml --cost national_roaming=200000 --cost backup_power=900000
    """
    from ewsim.cli.progress import progress
    from ewsim.experiments import advice

    stated = dict(_cost(text) for text in costs)
    with progress() as say:
        found = advice.advise(
            scenario,
            arm=arm,
            sets=sets,
            costs=stated,
            only=measures,
            replications=replications,
            workers=workers or available_cores(),
            progress=say,
        )
    click.echo(json.dumps(found.document, indent=2, allow_nan=False) if as_json else found.text())


def _cost(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    try:
        cost = float(value)
    except ValueError:
        cost = math.nan
    if not equals or not math.isfinite(cost) or cost <= 0:
        raise click.UsageError(f"--cost takes MEASURE=COST with a number above 0, not {text!r}.")
    return name.strip(), cost
