"""`ewsim wire radio`: a scenario's controllers and MME for a real broadcast centre."""

from pathlib import Path

import rich_click as click

from ewsim.cli.numbers import Finite
from ewsim.cli.options import seed_option, with_seed
from ewsim.cli.run import save, say_notes, say_result
from ewsim.cli.wire.live import live_options, protocol_and_address, say


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "--listen",
    "listens",
    multiple=True,
    metavar="PROTOCOL[=HOST:PORT]",
    help="Wait for a centre: CBSP, SABP or SBc-AP. Without a host only this machine can call.",
)
@click.option(
    "--call", "calls", multiple=True, metavar="PROTOCOL=HOST:PORT", help="Call a centre that listens."
)
@click.option(
    "--seconds", type=Finite(0.1, 86_400), default=300.0, show_default=True, help="Longest time [s]."
)
@live_options
@click.option("--with-5g", "new_radio", is_flag=True, help="5G cells follow the 4G cells of their site.")
@click.option(
    "--case", "case", metavar="CASE", help="Behave as the peers of this case of `ewsim wire cases`."
)
@click.option(
    "--cells", "list_cells", is_flag=True, help="Print the cells with the names that lists use, and stop."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write tables and pages into this folder."
)
@click.option("--arm", help="Use this named variant of the scenario.")
@seed_option
@click.option("--set", "sets", metavar="KEY=VALUE", multiple=True, help="Change one value of the scenario.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--force", is_flag=True, help="Replace the output folder.")
def radio(
    scenario: Path,
    listens: tuple[str, ...],
    calls: tuple[str, ...],
    seconds: float,
    speed: float,
    tcp: bool,
    new_radio: bool,
    case: str | None,
    list_cells: bool,
    output: Path | None,
    arm: str | None,
    seed: int | None,
    sets: tuple[str, ...],
    as_json: bool,
    force: bool,
) -> None:
    """Act as a scenario's controllers and MME for a real centre, and report whom its warnings reach.

    The scenario's time begins with the first warning. The session ends when the centre has closed its
    connections, or after --seconds; then the scenario runs on to its end.

    \b
    ewsim wire radio scenarios/dam_break.yaml --cells > cells.csv
    ewsim wire radio scenarios/dam_break.yaml --listen CBSP --listen SBc-AP --tcp -o out
    ewsim wire radio scenarios/dam_break.yaml --call CBSP=127.0.0.1:48049 --json
    """
    from ewsim.country.build import build_country, cells_table
    from ewsim.country.checking import load_checked
    from ewsim.errors import UsageError
    from ewsim.peers.cases.catalogue import cases_named
    from ewsim.peers.directory import listing
    from ewsim.peers.radio import Session
    from ewsim.peers.serving import Endpoints
    from ewsim.result.folder import check_output

    if not (listens or calls or list_cells):
        raise UsageError("Give --listen or --call with a protocol, for example --listen CBSP.")
    played = None if case is None else cases_named((case,))[0]
    if output is not None:
        check_output(output, force=force)
    endpoints = Endpoints(
        [protocol_and_address(text, tcp=tcp) for text in listens],
        [protocol_and_address(text, tcp=tcp) for text in calls],
    )
    country = build_country(load_checked(scenario, with_seed(sets, seed), arm))
    if list_cells:
        click.echo(listing(cells_table(country.network, country.targeted)).to_csv(index=False), nl=False)
        return
    result = Session(country, endpoints, seconds, speed, new_radio, played, say).run()
    outputs = {} if output is None else save(result, output, force=force)
    say_notes(result.notes, scenario)
    say_result(result, outputs, as_json=as_json)
