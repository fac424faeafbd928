"""The groups of commands: what is in each, in the order of its help."""

import rich_click as click

from ewsim.cli.lazy import LazyGroup


def _commands(group: str, *names: str, **elsewhere: str) -> dict[str, str]:
    """Where each command lives: in the file of its name, or `elsewhere`."""
    return {name: f"ewsim.cli.{group}.{elsewhere.get(name, f'{name}:{name}')}" for name in names}


@click.group(
    cls=LazyGroup,
    where=_commands(
        "scenario",
        "check",
        "list",
        "schema",
        "new",
        list="start:list_",
        schema="start:schema",
        new="start:new",
    ),
)
def scenario() -> None:
    """Check, list and start scenario files.

    \b
    ewsim scenario new my_island.yaml
    ewsim scenario check my_island.yaml
    ewsim scenario list scenarios
    """


@click.group(cls=LazyGroup, where=_commands("country", "new", new="start:new"))
def country() -> None:
    """Start a scenario of a real country from the files that you have.

    \b
    ewsim country new --cells cells.csv --land land.geojson --places places.csv -o my_country
    ewsim run my_country/scenario.yaml -o out
    """


@click.group(
    cls=LazyGroup,
    where=_commands("cap", "check", "fix", "show", "plan", "new", "thread", "feed", "sign", "rules"),
)
def cap() -> None:
    """Check, fix, plan, write, thread, fetch and sign CAP messages; explain their rules.

    \b
    ewsim cap check alert.xml
    ewsim cap plan alert.xml
    """


@click.group(
    cls=LazyGroup,
    where=_commands(
        "network",
        "make",
        "check",
        "import",
        "show",
        "gaps",
        "outlook",
        "connectivity",
        check="tables:check",
        **{"import": "tables:import_"},
    ),
)
def network() -> None:
    """Invent countries; check, import and show tables of cells and sites.

    \b
    ewsim network make small_island_state -o my_island
    ewsim network check cells.csv
    ewsim network show cells.csv --land land.geojson -o network.png
    ewsim network show cells.csv --alert alert.xml --policy intersect --policy site_in
    ewsim network gaps cells.csv --land land.geojson --places places.csv
    ewsim network outlook customers.csv --access open --report 0.9=0.52
    ewsim network connectivity scenarios/island_cyclone.yaml -o maps
    """


@click.group(
    cls=LazyGroup, where=_commands("wire", "check", "pcap", "show", "cases", "radio", "centre", "smsc")
)
def wire() -> None:
    """Write and read real protocol messages: octets, capture files, and live with real peers.

    \b
    ewsim wire check alert.xml --policy de
    ewsim wire pcap scenarios/dam_break.yaml -o dam_break.pcap
    ewsim wire show dam_break.pcap
    ewsim wire cases STOP-9 -o cases
    ewsim wire radio scenarios/dam_break.yaml --listen CBSP
    """


@click.group(cls=LazyGroup, where={name: f"ewsim.cli.exercise:{name}" for name in ("cap", "pack")})
def exercise() -> None:
    """Make exercises for training.

    \b
    ewsim exercise cap -o lesson
    ewsim exercise pack scenarios/island_cyclone.yaml -o exercise
    """
