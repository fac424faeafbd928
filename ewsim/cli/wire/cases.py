"""`ewsim wire cases`: the cases of a test plan for broadcast centres."""

import json
from pathlib import Path

import rich_click as click

from ewsim.cli.options import json_option


@click.command()
@click.argument("names", metavar="[CASE]...", nargs=-1)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="Write them into this new folder."
)
@json_option
def cases(names: tuple[str, ...], output: Path | None, as_json: bool) -> None:
    """List the cases of a test plan for broadcast centres, or write them: triggers, scenarios, captures.

    CASE is a name such as STOP-9, or a group such as STOP; none: all of them.

    \b
    ewsim wire cases
    ewsim wire cases STOP-9 UPDATE -o cases
    ewsim wire radio cases/TIMEOUT-1/scenario.yaml --listen SBc-AP --tcp --case TIMEOUT-1
    """
    from ewsim.errors import UsageError
    from ewsim.peers.cases.catalogue import cases_named

    found = cases_named(names)
    if as_json:
        rows = [{"name": case.name, "protocols": list(case.protocols), "shows": case.shows} for case in found]
        if output is not None:
            raise UsageError("--json is for the list. Leave -o out.")
        click.echo(json.dumps({"format": "ewsim.wire_cases/1", "cases": rows}, indent=2))
        return
    if output is None:
        for case in found:
            click.echo(f"{case.name:<15} {', '.join(case.protocols):<13} {case.shows}")
        return
    from ewsim.files import write_folder
    from ewsim.peers.cases.folder import case_files, sites

    if output.exists():
        raise UsageError(f"{output} exists already. Name a new folder.")
    files = {"sites.csv": sites().encode()}
    for case in found:
        own, counts = case_files(case)
        files |= {f"{case.name}/{name}": octets for name, octets in own.items()}
        said = ", ".join(f"{count} messages in {protocol}" for protocol, count in counts.items())
        click.echo(f"{case.name:<15} {said}")
    write_folder(output, files)
    click.echo(output)
