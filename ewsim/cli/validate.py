"""`ewsim validate`: the models beside exact formulas and published results."""

import json

import rich_click as click

from ewsim.cli.numbers import Whole


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@click.option("--seeds", type=Whole(2, 1000), default=10, show_default=True, help="Runs for each preset.")
@click.option("--only", metavar="WORD", help="Rows whose id or authority has this word.")
def validate(as_json: bool, seeds: int, only: str | None) -> None:
    """Compare the models with exact formulas and published results.

    A row is ok when the mean of the runs keeps its rule: it differs by at most this much or this
    factor, or stays within a bound. `calibrated` rows were fitted to the published number
    and have half of the tolerance; `predicted` rows were not. The line below the table says, for every
    preset, how many figures were fitted with how many parameters. Exit code 6: a row breaks its rule
    that is not listed as known.

    \b
    ewsim validate
    ewsim validate --only Denmark --seeds 20
    """
    from ewsim.cli.terminal import progress
    from ewsim.errors import TargetMissed, UsageError
    from ewsim.validation import (
        account,
        closed_forms,
        diffusion,
        field,
        outlook,
        reconstructions,
        rows,
        storms,
    )

    with progress() as say:
        found = [
            *closed_forms.rows(only=only),
            *outlook.rows(only=only),
            *storms.rows(only=only),
            *reconstructions.rows(only=only),
            *diffusion.rows(only=only),
            *field.rows(seeds=seeds, only=only, progress=say),
        ]
    if not found:
        raise UsageError(f"No row has {only!r} in its id or authority. `ewsim validate` shows all rows.")
    accounts = account.accounts([row.id for row in found])
    if as_json:
        document = {**rows.document(found), "fitted": account.document(accounts)}
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo("\n\n".join([rows.text(found), *([account.text(accounts)] if accounts else [])]))
    missed = [row.id for row in found if not row.ok and not row.known]
    if missed:
        raise TargetMissed(f"Outside their tolerance: {', '.join(missed)}.")
