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
    """The arms of a valid scenario, and the notes on it and its messages."""
    from ewsim.errors import CapError, InputError
    from ewsim.scenario.load import load_arms

    variants = load_arms(file, sets)
    from ewsim.country.build import CheckedParts, check_country  # a second that a wrong file need not wait

    parts = CheckedParts()
    notes: list[str] = []
    faults: list[Diagnostic] = []
    wrong: type[InputError] = CapError
    for variant in variants:
        try:
            notes += check_country(variant, parts)
        except InputError as error:
            faults += error.diagnostics
            wrong = wrong if isinstance(error, CapError) else type(error)
    if faults:
        raise wrong(dict.fromkeys(faults))
    return tuple(variants[0].spec.arms), tuple(dict.fromkeys(notes))
