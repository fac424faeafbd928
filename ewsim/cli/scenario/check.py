"""`ewsim scenario check`."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click
from click.exceptions import Exit

if TYPE_CHECKING:
    from ewsim.errors import Diagnostic

#: Arms that are listed.
_LISTED_MAX = 20


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

    from ewsim.cli.run import say_notes
    from ewsim.errors import CapError, InputError, ScenarioError

    faults: list[Diagnostic] = []
    said: dict[Path, dict[str, tuple[str, ...]]] = {}
    wrong: type[InputError] = CapError
    for file in files:
        try:
            notes = said[file] = _check(file, sets)
        except InputError as error:
            faults += error.diagnostics
            wrong = wrong if isinstance(error, CapError) else ScenarioError
        else:
            if not as_json:
                click.echo(f"{file}: fine" + _listed([arm for arm in notes if arm]))
                for arm, some in list(notes.items())[: _LISTED_MAX + 1]:
                    say_notes(some, file, arm)
                if more := sum(map(len, list(notes.values())[_LISTED_MAX + 1 :])):
                    click.echo(f"note: {more:,} more notes on other arms; --json has them.", err=True)
    if as_json:
        document = {
            "format": "ewsim.scenario_check/1",
            "files": [str(file) for file in files],
            "findings": [asdict(fault) for fault in faults],
            "notes": {str(file): notes for file, notes in said.items()},
        }
        click.echo(json.dumps(document, indent=2))
    if faults:
        if as_json:
            raise Exit(wrong.exit_code)
        raise wrong(faults)
    if not as_json:
        from ewsim.country.checking import NOT_CHECKED

        click.echo(NOT_CHECKED, err=True)


def _listed(arms: list[str]) -> str:
    more = f" and {len(arms) - _LISTED_MAX:,} more" if len(arms) > _LISTED_MAX else ""
    return f", arms {', '.join(arms[:_LISTED_MAX])}{more}" if arms else ""


def _check(file: Path, sets: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The notes of a valid scenario, under "", and what only its arms say, by their names."""
    from ewsim.errors import CapError, InputError
    from ewsim.scenario.load import load_arms

    variants = load_arms(file, sets)
    from ewsim.country.build import CheckedParts
    from ewsim.country.checking import all_faults, check_country

    with all_faults(file, sets):
        first = next(variants)

    parts = CheckedParts()
    notes: dict[str, tuple[str, ...]] = {}
    said: set[str] = set()
    faults: list[Diagnostic] = []
    wrong: type[InputError] = CapError
    for variant in chain([first], variants):
        try:
            checked = check_country(variant, parts)
        except InputError as error:
            faults += error.diagnostics
            wrong = wrong if isinstance(error, CapError) else type(error)
        else:
            new = [note for note in (*checked.notes, *checked.on_data) if note not in said]
            notes[variant.arm or ""] = tuple(new)
            said.update(new if variant.arm is None else checked.notes)
    if faults:
        raise wrong(dict.fromkeys(faults))
    return notes
