"""`ewsim compare`: arms of one scenario, or finished runs, beside each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from ewsim.cli.numbers import RUNS, Whole
from ewsim.cli.options import many_runs, scheduler_option

if TYPE_CHECKING:
    from ewsim.metrics.comparison.record import Comparison
    from ewsim.report.speech import Speech


@click.command()
@click.argument(
    "targets", metavar="SCENARIO | DIR DIR...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write the page and JSON into this folder."
)
@click.option("--arm", "arms", multiple=True, help="Compare this arm; may be repeated. Default: all.")
@click.option("--against", help="Compare the others with this arm, not with the scenario as written.")
@click.option("--if", "ifs", metavar="KEY=VALUE", multiple=True, help="Compare with this change; repeatable.")
@click.option("--replications", type=RUNS, default=1, show_default=True, help="Pairs of runs.")
@click.option("--workers", type=Whole(1), default=None, help="Default: the machine's cores.")
@scheduler_option
@click.option("--set", "sets", metavar="KEY=VALUE", multiple=True, help="Change one value in every arm.")
@click.option("--language", default="en", metavar="TAG", help="Language of the page: en, fr, es, ar.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@click.option("--force", is_flag=True, help="Replace the output folder.")
def compare(
    targets: tuple[Path, ...],
    output: Path | None,
    arms: tuple[str, ...],
    against: str | None,
    ifs: tuple[str, ...],
    replications: int,
    workers: int | None,
    scheduler: str | None,
    sets: tuple[str, ...],
    language: str,
    as_json: bool,
    force: bool,
) -> None:
    """Compare arms of a scenario, or 2 to 6 finished runs, person by person.

    All have the same people, faults and luck, so the difference is what the arm changes.

    \b
    ewsim compare scenarios/island_cyclone.yaml -o compared
    ewsim compare scenarios/island_cyclone.yaml --arm national_roaming --replications 20
    ewsim compare scenarios/island_cyclone.yaml --if warn_earlier_s=1h --if network.power.battery_median_s=8h
    ewsim compare out_before out_after --json
    """
    from ewsim.cli.terminal import progress
    from ewsim.experiments import comparison
    from ewsim.report.speech import speech_of
    from ewsim.result.folder import check_output

    speech = speech_of(language)
    if output is not None:
        check_output(output, force=force, mark="comparison.json")
    scenario = _scenario_of(targets)
    if scenario is None:
        if arms or against or ifs or sets or replications > 1 or scheduler:
            options = "--arm, --against, --if, --set, --replications and --scheduler"
            raise click.UsageError(f"{options} are for a scenario.")
        found = comparison.compare(*targets)
    else:
        with progress() as say:
            found = comparison.compare_arms(
                scenario,
                arms,
                against=against,
                ifs=ifs,
                sets=sets,
                replications=replications,
                workers=many_runs(workers, scheduler, replications),
                progress=say,
            )
    outputs = {} if output is None else _write(found, output, speech, force=force)
    if as_json:
        click.echo(json.dumps({**found.document, "outputs": outputs}, indent=2, allow_nan=False))
    else:
        click.echo(found.text())
        for name, path in outputs.items():
            click.echo(f"{name:<6}{path}")


def _scenario_of(targets: tuple[Path, ...]) -> Path | None:
    """The scenario that is named; None where folders are."""
    from ewsim.errors import UnreadableError

    folders = [target for target in targets if target.is_dir()]
    if len(targets) == 1 and not folders:
        return targets[0]
    if len(folders) == len(targets) > 1:
        return None
    for target in targets:
        if not target.exists():
            raise UnreadableError(f"{target}: there is no such file or folder. Check the path.")
    raise click.UsageError("Name one scenario file, or 2 to 6 folders that ewsim run -o wrote.")


def _write(found: Comparison, output: Path, speech: Speech, *, force: bool) -> dict[str, str]:
    from ewsim.report.comparison import page
    from ewsim.report.templating import write_page
    from ewsim.result import folder

    def fill(into: Path) -> None:
        folder.write_json(found.document, into / "comparison.json")
        write_page(into / "comparison.html", page.render(found, speech))

    folder.write(output, fill, force=force, mark="comparison.json")
    return {"page": str(output / "comparison.html"), "json": str(output / "comparison.json")}
