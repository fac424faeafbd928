"""`ewsim validate`: the models beside exact formulas and published results."""

from __future__ import annotations

import json

import rich_click as click

from ewsim.cli.numbers import Whole


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@click.option("--seeds", type=Whole(2, 1000), default=10, show_default=True, help="Runs for each preset.")
@click.option("--only", metavar="WORD", help="Rows whose id or authority has this word.")
def validate(as_json: bool, seeds: int, only: str | None) -> None:
    """Compare the models with exact formulas and published results.

    A row is ok when the mean of the runs is within its tolerance. `calibrated` rows were fitted to
    the published number, so they should agree; `predicted` rows were not. Exit code 6: a row is
    outside its tolerance.

    \b
    ewsim validate
    ewsim validate --only Denmark --seeds 20
    """
    from ewsim.cli.progress import progress
    from ewsim.errors import TargetMissed, UsageError
    from ewsim.validation import closed_forms, field, rows

    with progress() as say:
        found = [*closed_forms.rows(only=only), *field.rows(seeds=seeds, only=only, progress=say)]
    if not found:
        raise UsageError(f"No row has {only!r} in its id or authority. `ewsim validate` shows all rows.")
    click.echo(json.dumps(rows.document(found), indent=2) if as_json else rows.text(found))
    missed = [row.id for row in found if not row.ok]
    if missed:
        raise TargetMissed(f"Outside their tolerance: {', '.join(missed)}.")
