"""`ewsim advise`: what would help. `ewsim optimise`: where deployables, power and crews win most."""

import json
import math
from pathlib import Path
from typing import Any

import rich_click as click

from ewsim.cli.numbers import RUNS, Finite, Whole
from ewsim.cli.options import many_runs, scheduler_option


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--arm", help="Start from this arm.")
@click.option("--measure", "measures", multiple=True, help="Try this measure only; may be repeated.")
@click.option(
    "--cost", "costs", metavar="MEASURE=COST", multiple=True, help="What a measure costs, in any unit."
)
@click.option("--replications", type=RUNS, default=1, show_default=True, help="Pairs of runs for each.")
@click.option("--workers", type=Whole(1), default=None, help="Default: the machine's cores.")
@scheduler_option
@click.option("--set", "sets", metavar="KEY=VALUE", multiple=True, help="Change one value first.")
@click.option("--json", "as_json", is_flag=True, help="Print the advice as JSON.")
def advise(
    scenario: Path,
    arm: str | None,
    measures: tuple[str, ...],
    costs: tuple[str, ...],
    replications: int,
    workers: int | None,
    scheduler: str | None,
    sets: tuple[str, ...],
    as_json: bool,
) -> None:
    """Try measures on a scenario and rank them by how many more people are reached.

    Each is run with the same people, faults and luck as the scenario. Measures that do not apply are
    listed with the reason. No cost is assumed: with --cost, they are ranked by people for each unit of cost.

    \b
    ewsim advise scenarios/island_cyclone.yaml
    ewsim advise scenarios/island_cyclone.yaml --replications 10
    ewsim advise scenarios/island_cyclone.yaml --cost national_roaming=200000 --cost backup_power=900000
    """
    from ewsim.cli.terminal import progress
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
            workers=many_runs(workers, scheduler, replications),
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


# --- optimise ------------------------------------------------------------------------------------

_TYPES = ("cow", "colt", "drone", "ship", "haps")


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "--what",
    type=click.Choice(["deployables", "batteries", "generators", "repairs"]),
    default="deployables",
    show_default=True,
    help="What to choose.",
)
@click.option("-k", "--count", type=Whole(1), default=None, help="How many; default 5.")
@click.option("--budget", type=Finite(min=0), help="Instead of --count: the total cost allowed.")
@click.option("--cost", type=Finite(min=0, min_open=True), help="With --budget: what each costs.")
@click.option(
    "--goal",
    type=click.Choice(["hours", "people"]),
    default="hours",
    show_default=True,
    help="Most person-hours of service, or most people who can be warned by cell broadcast.",
)
@click.option("--type", "type_", type=click.Choice(_TYPES), default="colt", show_default=True)
@click.option(
    "--at", "at_s", type=Finite(), default=0.0, show_default=True, help="Seconds after the decision."
)
@click.option("--depot", help="Where they wait: LATITUDE,LONGITUDE or the name of a site.")
@click.option("--lasts", "added_s", type=Finite(min=1), help="Seconds of a battery or tank added.")
@click.option("--crews", type=Whole(1), default=1, show_default=True, help="Crews that repair.")
@click.option("--candidates", type=Whole(1), default=2000, show_default=True, help="Places considered.")
@click.option("--exact", is_flag=True, help="Also compute the best choice and compare, for small problems.")
@click.option("--no-check", is_flag=True, help="Leave out the run with the choice.")
@click.option("--arm", help="Start from this arm.")
@click.option("--set", "sets", metavar="KEY=VALUE", multiple=True, help="Change one value first.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Folder for plan.json, arm.yaml, map.svg."
)
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def optimise(scenario: Path, **given: Any) -> None:
    """Choose where deployable cells go, which sites get power, or in which order crews repair.

    The answer is a table, with -o a map and an arm too, which `ewsim run SCENARIO --arm DIR/arm.yaml` takes.

    \b
    ewsim optimise scenarios/island_cyclone.yaml -k 3 --type drone
    ewsim optimise scenarios/island_cyclone.yaml --what batteries -k 5 --goal people
    ewsim optimise scenarios/island_cyclone.yaml --what repairs --crews 2 -o plan
    """
    from ewsim.cli.terminal import progress
    from ewsim.experiments.optimise import plan
    from ewsim.experiments.optimise.request import PlanRequest
    from ewsim.files import write_folder

    count = _count(given["count"], given["budget"], given["cost"])
    if given["output"] is not None and given["output"].exists():
        raise click.UsageError(f"{given['output']} exists already. Name a new folder.")
    asked = PlanRequest(
        what=given["what"],
        count=count,
        goal=given["goal"],
        unit=_unit(given),
        added_s=given["added_s"],
        candidates=given["candidates"],
        exact=given["exact"],
        check=not given["no_check"],
    )
    with progress() as say:
        found = plan.optimise(scenario, asked, arm=given["arm"], sets=given["sets"], progress=say)
    text = json.dumps(found.plan.document, indent=2, allow_nan=False)
    if given["output"] is not None:
        from ewsim.report.maps.plan import plan_svg

        files = {
            "plan.json": text.encode() + b"\n",
            "arm.yaml": found.plan.yaml().encode(),
            "map.svg": plan_svg(found.country.network.built, found.plan.document, found.lost_at),
        }
        write_folder(given["output"], files)
    click.echo(text if given["as_json"] else found.plan.text())


def _count(count: int | None, budget: float | None, cost: float | None) -> int:
    if (budget is None) != (cost is None):
        raise click.UsageError("--budget and --cost belong together: what all may cost, and what each does.")
    if budget is None or cost is None:
        return 5 if count is None else count
    if count is not None:
        raise click.UsageError("--count and --budget say the same twice. Leave one of them out.")
    return int(min(budget // cost, 100_000))


def _unit(given: dict[str, Any]) -> dict[str, Any]:
    """The unit or crew as keys of a disturbance."""
    unit: dict[str, Any] = {"at_s": given["at_s"]}
    if given["depot"] is not None:
        unit["depot"] = _place(given["depot"])
    if given["what"] == "repairs":
        return {**unit, "count": given["crews"]}
    cost = {} if given["cost"] is None else {"cost": given["cost"]}
    return {**unit, **cost, "type": given["type_"]}


def _place(text: str) -> str | tuple[float, float]:
    parts = text.split(",")
    try:
        lat, lon = (float(part) for part in parts)
    except ValueError:
        return text.strip()
    return lat, lon
