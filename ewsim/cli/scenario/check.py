"""`ewsim scenario check`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click
from click.exceptions import Exit

if TYPE_CHECKING:
    from ewsim.errors import Diagnostic


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--set", "sets", metavar="KEY=VALUE", multiple=True, help="Change one value first.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(files: tuple[Path, ...], sets: tuple[str, ...], as_json: bool) -> None:
    """Check scenario files, their arms and the files they name, and list every fault.

    `ewsim run` makes the same checks. `alert.require` in the scenario sets how strictly its CAP
    message is checked. Exit code 3: a scenario is wrong; 4: only messages are.

    \b
    ewsim scenario check scenarios/island_cyclone.yaml
    """
    from dataclasses import asdict

    from ewsim.errors import CapError, InputError, ScenarioError

    faults: list[Diagnostic] = []
    wrong: type[InputError] = CapError
    for file in files:
        try:
            arms, notes = _check(file, sets)
        except InputError as error:
            faults += error.diagnostics
            wrong = wrong if isinstance(error, CapError) else ScenarioError
        else:
            if not as_json:
                click.echo(f"{file}: fine" + (f", arms {', '.join(arms)}" if arms else ""))
                for note in notes:
                    click.echo(note, err=True)
    if as_json:
        document = {
            "format": "ewsim.scenario_check/1",
            "files": [str(file) for file in files],
            "findings": [asdict(fault) for fault in faults],
        }
        click.echo(json.dumps(document, indent=2))
        if faults:
            raise Exit(wrong.exit_code)
    elif faults:
        raise wrong(faults)


def _check(file: Path, sets: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The arms of a valid scenario, and the warnings about its messages."""
    from ewsim.cap.acceptance import scenario_alert
    from ewsim.errors import CapError
    from ewsim.scenario.load import load_scenario

    loaded = load_scenario(file, sets=sets)
    variants = [loaded, *(load_scenario(file, sets=sets, arm=arm) for arm in loaded.spec.arms)]
    asked = ("path", "require", "profiles", "policy", "trust")
    messages = {tuple(getattr(v.spec.alert, key) for key in asked): v for v in reversed(variants)}
    notes: list[str] = []
    faults: list[Diagnostic] = []
    for variant in messages.values():
        try:
            notes += scenario_alert(variant)[1]
        except CapError as error:
            faults += error.diagnostics
    if faults:
        raise CapError(dict.fromkeys(faults))
    return tuple(loaded.spec.arms), tuple(dict.fromkeys(notes))
