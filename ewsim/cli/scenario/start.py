"""`ewsim scenario list`, `schema` and `new`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click


@click.command(name="list")
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


@click.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors."""
    from ewsim.scenario.model import scenario_schema

    click.echo(scenario_schema(), nl=False)


@click.command()
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
