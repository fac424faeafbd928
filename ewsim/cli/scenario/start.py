"""`ewsim scenario list`, `schema` and `new`."""

import json
from pathlib import Path
from typing import Any

import rich_click as click

from ewsim.cli.numbers import Finite
from ewsim.cli.options import json_option
from ewsim.cli.scenario.national import of_national_test


@click.command(name="list")
@click.argument("where", type=click.Path(path_type=Path), default=Path("scenarios"))
@json_option
def list_(where: Path, as_json: bool) -> None:
    """List the scenarios in a folder, or one scenario's arms.

    \b
    ewsim scenario list scenarios
    ewsim scenario list scenarios --json
    """
    from ewsim.errors import ScenarioError, UnreadableError
    from ewsim.scenario import document

    if not where.exists():
        raise UnreadableError(f"{where}: there is no such folder or file. Name a folder of scenarios.")
    found: list[dict[str, Any]] = []
    for file in sorted(where.glob("*.yaml")) if where.is_dir() else [where]:
        try:
            data = document.read(file).data
        except ScenarioError as error:
            click.echo(f"{file}: {error.diagnostics[0].message}", err=True)
            continue
        title, arms = data.get("title") or data.get("name"), data.get("arms")
        arms = list(arms) if isinstance(arms, dict) else []
        found.append({"file": str(file), "title": str(title or ""), "arms": arms})
    if as_json:
        click.echo(json.dumps({"format": "ewsim.scenario_list/1", "scenarios": found}, indent=2))
        return
    for one in found:
        click.echo("\n".join([f"{one['file']}: {one['title']}", *(f"  --arm {arm}" for arm in one["arms"])]))


@click.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from ewsim.scenario.model import scenario_schema

    click.echo(scenario_schema(), nl=False)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace existing files.")
@click.option("--national-test", is_flag=True, help="Predict a national test from what you know before it.")
@of_national_test
@click.option(
    "--hazard", metavar="NAME", help="power_cut, flood, cyclone, tsunami, earthquake, wildfire, none."
)
@click.option(
    "--authoring-min", type=Finite(min=0, max=1440), help="Minutes to write and approve the message [5]."
)
def new(file: Path, force: bool, national_test: bool, **said: Any) -> None:
    """Start a scenario: FILE.yaml, and beside it a CAP message to edit.

    --people, --area-km2, --operators, --channels, --hazard and --authoring-min say what is in it; a
    terminal asks where none is given. With --national-test a terminal asks what the other options do not
    say. The scenario then predicts the test: docs/guides/national_test.md.

    \b
    ewsim scenario new my_island.yaml
    ewsim scenario new my_coast.yaml --people 80000 --hazard tsunami --authoring-min 10
    ewsim scenario new my_test.yaml --national-test
    """
    from ewsim.cli.scenario.national import answers, start_of
    from ewsim.errors import UsageError
    from ewsim.scenario.starting.prediction import write_national_test
    from ewsim.scenario.starting.starter import write_starter

    given = {key: value for key, value in said.items() if value not in (None, ())}
    own: dict[str, Any] = {key: given.pop(key) for key in ("hazard", "authoring_min") if key in given}
    if not national_test:
        shared = ("people", "area_km2", "operators", "channels")
        own |= {key: given.pop(key) for key in shared if key in given}
        if given:
            names = ", ".join(f"--{key.replace('_', '-')}" for key in given)
            raise UsageError(f"{names}: these belong to --national-test, which is not given.")
        for path in write_starter(file, start_of(own), force=force):
            click.echo(path)
        click.echo(f"Next: ewsim run {file} -o {file.with_suffix('')}", err=True)
        return
    if own:
        names = ", ".join(f"--{key.replace('_', '-')}" for key in own)
        raise UsageError(f"{names}: a national test has no hazard, and its message is ready.")
    paths, words = write_national_test(file, answers(given), force=force)
    for path in paths:
        click.echo(path)
    click.echo(words, err=True)
    click.echo(f"Next: ewsim run {file} --replications 30; arms capable_low, capable_high.", err=True)
