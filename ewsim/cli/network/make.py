"""`ewsim network make`: an invented country, as files that a scenario reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from ewsim.cli.numbers import SEED
from ewsim.errors import count_of

if TYPE_CHECKING:
    from ewsim.country.drafting.invented import InventedCountry


@click.command()
@click.argument("what", metavar="PRESET|SCENARIO")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A new folder for the tables, outlines and the scenario.",
)
@click.option(
    "--seed", type=SEED, help="A different seed gives a different country; default 1, or the scenario's."
)
def make(what: str, output: Path, seed: int | None) -> None:
    """Invent a country: coast, places, roads, people, sites, and a scenario that runs on it.

    PRESET is dense_city, small_island_state, least_developed, mountainous or archipelago. For a
    SCENARIO, the network and the people are made.

    \b
    ewsim network make small_island_state -o my_island --seed 7
    ewsim run my_island/scenario.yaml -o out
    """
    from ewsim.country.drafting.invented import alert_around, files, invent
    from ewsim.errors import UsageError
    from ewsim.files import write_folder
    from ewsim.report.maps import country as country_map
    from ewsim.report.maps import network as network_map
    from ewsim.scenario.load import load_scenario
    from ewsim.scenario.presets import PRESETS, as_data, as_yaml, preset, validated

    if output.exists():
        raise UsageError(f"{output} is there already; name a new folder.")
    alert: bytes | None = None
    if what in PRESETS:
        data = preset(what, 1 if seed is None else seed)
        spec = validated(data)
        country = invent(spec, Path)
    elif Path(what).suffix in (".yaml", ".yml"):
        loaded = load_scenario(Path(what), sets=() if seed is None else (f"seed={seed}",))
        spec, data = loaded.spec, as_data(loaded.spec)
        country = invent(spec, loaded.resolve)
        alert = loaded.resolve(spec.alert.path).read_bytes()
    else:
        known = ", ".join(PRESETS)
        raise UsageError(f"{what!r} is neither a preset nor a scenario. Presets: {known}.")
    written = files(country)
    written["alert.xml"] = alert or alert_around(country, spec.name).encode()
    written["scenario.yaml"] = as_yaml(_reading_back(data)).encode()
    written["map.png"] = network_map.png(country.network, country_map.panels(country))
    write_folder(output, written)
    for name in written:
        click.echo(output / name)
    for line in _in_words(country):
        click.echo(line, err=True)


def _reading_back(data: dict[str, Any]) -> dict[str, Any]:
    """The scenario with the files in place of what they were made from."""
    network = {
        "path": "sites.csv",
        "land": "land.geojson",
        "backhaul": "backhaul.csv",
        **{k: v for k, v in data.get("network", {}).items() if k not in ("path", "land", "backhaul")},
    }
    dropped = ("places", "people_count", "rural_share", "island", "settlement_count", "zipf_exponent")
    people = {k: v for k, v in data.get("population", {}).items() if k not in dropped}
    return {
        **data,
        "alert": {**data["alert"], "path": "alert.xml"},
        "network": network,
        "population": {"places": "places.csv", "rural_share": 0.0, **people},
    }


def _in_words(country: InventedCountry) -> list[str]:
    made, network = country.settlements, country.network
    what = (
        f"{made.people.sum():,} people in {count_of(len(made.name), 'places')} and "
        f"{count_of(len(made) - len(made.name), 'hamlets')} on {country.land.area / 1e6:,.0f} km2; "
        f"{count_of(len(network.sites), 'sites')}, {count_of(len(network.cells), 'cells')}."
    )
    return [what, *network.notes]
