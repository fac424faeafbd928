"""`ewsim run`: one scenario, from YAML to a report."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from ewsim.cli.numbers import RUNS, Whole
from ewsim.cli.options import many_runs, scheduler_option, seed_option, with_seed

if TYPE_CHECKING:
    from ewsim.result.record import Result
    from ewsim.scenario.load import LoadedScenario


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write tables and pages into this folder."
)
@click.option("--arm", help="Run this variant of the scenario: its name, or a YAML file.")
@seed_option
@click.option("--replications", type=RUNS, default=None, help="Number of runs. Default: 1.")
@click.option(
    "--until", metavar='"reach +-1 point"', help="Stop when a figure is this precise, e.g. 'reach +-1 point'."
)
@click.option("--workers", type=Whole(1), default=None, help="Default: the machine's cores.")
@scheduler_option
@click.option("--set", "sets", metavar="KEY=VALUE", multiple=True, help="Change one value of the scenario.")
@click.option(
    "--shards",
    type=Whole(1, 10_000),
    default=None,
    help="Make the people in this many parts, one after another.",
)
@click.option("--keep-people", is_flag=True, help="With --shards: also write the table of people.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--advise", is_flag=True, help="Try what would help; the report names the best.")
@click.option("--no-report", is_flag=True, help="Write no HTML pages.")
@click.option("--force", is_flag=True, help="Replace the output folder.")
def run(
    scenario: Path,
    output: Path | None,
    arm: str | None,
    seed: int | None,
    replications: int | None,
    until: str | None,
    workers: int | None,
    scheduler: str | None,
    sets: tuple[str, ...],
    shards: int | None,
    keep_people: bool,
    as_json: bool,
    advise: bool,
    no_report: bool,
    force: bool,
) -> None:
    """Run a scenario: who was reached, when, and who was missed and why.

    \b
    ewsim run scenarios/island_cyclone.yaml -o out
    ewsim run scenarios/island_cyclone.yaml --set 'disturbances=[]' --json
    ewsim run scenarios/island_cyclone.yaml --arm cb_only --replications 20

    With -o, the same command continues several runs after an interruption.
    """
    from ewsim.cli.terminal import progress
    from ewsim.country.checking import load_checked
    from ewsim.experiments import precision
    from ewsim.experiments.journal import identity, unfinished
    from ewsim.experiments.replications import run_scenario
    from ewsim.result.folder import check_output

    if output is not None:
        check_output(output, force=force)
    changes = with_seed(sets, seed)
    _check_shards(shards, keep_people, {"--replications": replications, "--until": until, "--advise": advise})
    loaded = load_checked(scenario, changes, arm)
    if shards is not None:
        with progress() as say:
            how = {"workers": many_runs(workers, scheduler, shards), "people": keep_people, "progress": say}
            result, named = _by_shards(loaded, shards, output, force, how)
        say_notes(result.notes, scenario)
        say_result(result, named, as_json=as_json)
        return
    replications = replications or (1 if until is None else precision.MOST)
    who = many_runs(workers, scheduler, replications)
    kept = unfinished(output if replications > 1 else None, identity(loaded), force=force)
    with kept as finished, progress() as say:
        if finished is not None and finished.finished:
            say_notes([finished.said()], scenario)
        result = run_scenario(
            loaded, replications=replications, until=until, workers=who, progress=say, journal=finished
        )
        if advise:
            result = _advised(result, scenario, changes, arm=arm, replications=replications, workers=who)
        named = {} if output is None else save(result, output, force=force, pages=not no_report)
    say_notes(result.notes, scenario)
    say_result(result, named, as_json=as_json)


def _check_shards(shards: int | None, keep_people: bool, others: dict[str, Any]) -> None:
    """Refuse options that do not go together."""
    if shards is None and keep_people:
        raise click.UsageError("--keep-people goes with --shards; other runs keep the table of people.")
    given = [name for name, value in others.items() if value]
    if shards is not None and given:
        raise click.UsageError(f"--shards makes one run: leave out {', '.join(given)}.")


def _by_shards(
    loaded: LoadedScenario, shards: int, output: Path | None, force: bool, how: dict[str, Any]
) -> tuple[Result, dict[str, str]]:
    """One run a shard of people at a time, and its files by name."""
    import tempfile

    from ewsim import files
    from ewsim.experiments.nation.running import run_by_shards
    from ewsim.result.folder import unwritable

    place = output or Path(tempfile.gettempdir()) / "ewsim"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with files.beside(place.with_name(f"{place.name}_tables")) as tables:
            result = run_by_shards(loaded, shards, tables, **how)
            result.summary()
            return result, {} if output is None else save(result, output, force=force, pages=False)
    except OSError as error:
        raise unwritable(place, error) from error


def say_result(result: Result, outputs: dict[str, str], *, as_json: bool) -> None:
    """Print what came out, and which files were written.

    Parameters
    ----------
    result
        The finished run.
    outputs
        The files by name.
    as_json
        As one document.
    """
    if as_json:
        click.echo(json.dumps(result.summary(outputs=outputs), indent=2, allow_nan=False))
        return
    click.echo(result.text())
    for name, path in outputs.items():
        click.echo(f"{name:<14}{path}")


def _advised(result: Result, scenario: Path, sets: tuple[str, ...], **settings: Any) -> Result:
    from dataclasses import replace

    from ewsim.experiments import advice

    settings["replications"] = min(settings["replications"], advice.ENOUGH)
    return replace(result, advice=advice.advise(scenario, sets=sets, **settings).document)


def say_notes(notes: Iterable[str], scenario: Path, arm: str = "") -> None:
    """Print notes; those on the scenario itself have its name and line.

    Parameters
    ----------
    notes
        What is said.
    scenario
        The file.
    arm
        The variant that they are on, where it is not the scenario itself.
    """
    of = f"arm {arm}: " if arm else ""
    for note in notes:
        click.echo(note if note.startswith(f"{scenario.name}:") else f"note: {of}{note}", err=True)


def save(result: Result, output: Path, *, force: bool, pages: bool = True) -> dict[str, str]:
    """Write the folder of a run; the files by name.

    Parameters
    ----------
    result
        The finished run.
    output
        The folder.
    force
        Whether an existing one is replaced.
    pages
        Whether the report and the replay are written too.
    """
    if not pages:
        return dict(result.save(output, force=force))
    result = with_sweep(result, output)
    from ewsim import report
    from ewsim.report.replay import page as replay

    pages_of = {"report.html": report.write, "replay.html": replay.write}
    return dict(result.save(output, force=force, pages=pages_of))


def with_sweep(result: Result, folder: Path) -> Result:
    """The result with the sweep over its assumptions that lies beside its folder, if one does."""
    from dataclasses import replace

    from ewsim.result.folder import sweep_beside

    found = sweep_beside(folder, result.identity.scenario_sha256, result.identity.version)
    return result if found is None else replace(result, sweep=found)  # a copy counts the people again
