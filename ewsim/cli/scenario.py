"""`ewsim scenario`: check, list, schema, new."""

from __future__ import annotations

import json
from pathlib import Path

import rich_click as click
from click.exceptions import Exit


@click.group()
def scenario() -> None:
    """Check, list and start scenario files.

    \b
    ewsim scenario new my_island.yaml
    ewsim scenario check my_island.yaml
    ewsim scenario list scenarios
    """


@scenario.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--set", "sets", metavar="KEY=VALUE", multiple=True, help="Change one value first.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(files: tuple[Path, ...], sets: tuple[str, ...], as_json: bool) -> None:
    """Check scenario files, their arms and the files they name: every fault at once.

    \b
    ewsim scenario check scenarios/island_cyclone.yaml
    """
    from dataclasses import asdict

    from ewsim.errors import Diagnostic, ScenarioError
    from ewsim.scenario.load import load_scenario

    faults: list[Diagnostic] = []
    for file in files:
        try:
            loaded = load_scenario(file, sets=sets)
        except ScenarioError as error:
            faults += error.diagnostics
        else:
            if not as_json:
                arms = f", arms {', '.join(loaded.spec.arms)}" if loaded.spec.arms else ""
                click.echo(f"{file}: fine{arms}")
    if as_json:
        document = {
            "format": "ewsim.scenario_check/1",
            "files": [str(file) for file in files],
            "findings": [asdict(fault) for fault in faults],
        }
        click.echo(json.dumps(document, indent=2))
        if faults:
            raise Exit(ScenarioError.exit_code)
    elif faults:
        raise ScenarioError(faults)


@scenario.command(name="list")
@click.argument("where", type=click.Path(path_type=Path, exists=True), default=Path("scenarios"))
def list_(where: Path) -> None:
    """List the scenarios in a folder, or one scenario's arms."""
    from ewsim.errors import ScenarioError
    from ewsim.scenario import document

    for file in sorted(where.glob("*.yaml")) if where.is_dir() else [where]:
        try:
            data = document.read(file).data
        except ScenarioError as error:
            click.echo(f"{file}: {error.diagnostics[0].message}", err=True)
            continue
        click.echo(f"{file}: {data.get('title') or data.get('name', '')}")
        for arm in data.get("arms") or {}:
            click.echo(f"  --arm {arm}")


@scenario.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from ewsim.scenario.schema import scenario_schema

    click.echo(scenario_schema(), nl=False)


@scenario.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace existing files.")
def new(file: Path, force: bool) -> None:
    """Start a scenario: FILE.yaml, and beside it a CAP message to edit.

    \b
    ewsim scenario new my_island.yaml
    """
    from ewsim.scenario.starter import write_starter

    for path in write_starter(file, force=force):
        click.echo(path)
