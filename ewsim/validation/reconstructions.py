"""Reconstructed disasters, what they predict beside what was reported on those days.

`reconstructions.csv` has the published numbers. The scenarios stand in `scenarios/reconstructions` of the
source, and their infrastructure alone is run: no message, no phones. A scenario that replays a table, or
whose published numbers are its inputs, has no row, for it could not be missed. Assumption: as many customers
have mains as sites have.
"""

import csv
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from ewsim.country.build import Country, build_country
from ewsim.country.signal.squares import signal_squares
from ewsim.disturbances import timeline
from ewsim.metrics.protection.signal import SignalSquares
from ewsim.scenario.load import load_scenario
from ewsim.streams import Streams
from ewsim.units import to_us
from ewsim.validation.rows import Row
from ewsim.world import Element, World

FOLDER = Path(__file__).parents[2] / "scenarios" / "reconstructions"
_DAY_S, _RUNS = 86_400, 4
#: Within 10 points, as the outlook of sites off is judged (docs/guides/outage_outlook.md).
_TOLERANCE = 0.10
#: When the disaster struck, before the decision of the scenario [s].
_STRUCK_S = {"maria": 7200, "tohoku": 180}


def rows(*, only: str | None = None) -> Iterator[Row]:
    """Every comparison, or those with this word in their id or authority; none where no scenarios are."""
    file = resources.files("ewsim.validation") / "reconstructions.csv"
    lines = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    wanted = [
        line for line in lines if only is None or only.lower() in f"{line['id']} {line['authority']}".lower()
    ]
    for name in dict.fromkeys(
        line["scenario"] for line in wanted if (FOLDER / f"{line['scenario']}.yaml").is_file()
    ):
        mine = [line for line in wanted if line["scenario"] == name]
        country = build_country(load_scenario(FOLDER / f"{name}.yaml"))
        squares = signal_squares(country.network, country.population.people)
        runs = np.array([_run(country, squares, run, mine) for run in range(_RUNS)])
        yield from (_row(line, country, runs[:, n]) for n, line in enumerate(mine))


def _run(country: Country, squares: SignalSquares, run: int, lines: list[dict[str, str]]) -> list[float]:
    """What one run has for each line."""
    spec = country.loaded.spec
    starts = timeline.starts_us(country.disturbances)
    world = World(country.network, Streams(spec.seed, run), to_us(spec.horizon_s), starts)
    timeline.start(world, country.disturbances, spec.network.power)
    found = dict.fromkeys((line["id"] for line in lines), np.nan)

    def look() -> Iterator[object]:
        for line in sorted(lines, key=lambda line: float(line["day"])):
            at_s = float(line["day"]) * _DAY_S - _STRUCK_S[line["scenario"]]
            yield world.env.timeout(to_us(at_s) - world.env.now)
            found[line["id"]] = _MEASURES[line["measure"]](world, squares)

    world.env.process(look())
    world.run()
    return list(found.values())


def _sites_off(world: World, squares: SignalSquares) -> float:  # noqa: ARG001 - one call for all
    """The share of sites off."""
    return float(np.mean([root is not None for root in world.off[: len(world.network.sites)]]))


def _mains(world: World, squares: SignalSquares) -> float:  # noqa: ARG001 - one call for all
    """The share of sites with mains."""
    return float(np.mean([world.works(Element("mains", n)) for n in range(len(world.network.sites))]))


def _signal(world: World, squares: SignalSquares) -> float:
    """The share of people where one cell or more is heard."""
    serves = np.array([world.off[site] is None for site in world.network.cells.site.tolist()])
    return float(squares.people[squares.heard(serves)].sum() / squares.people.sum())


_MEASURES: dict[str, Callable[[World, SignalSquares], float]] = {
    "sites_off": _sites_off,
    "mains": _mains,
    "signal": _signal,
}
_WORDS = {"sites_off": "sites off", "mains": "with mains", "signal": "people with a signal"}


def _row(line: dict[str, str], country: Country, values: np.ndarray[Any, Any]) -> Row:
    mean, spread = float(values.mean()), 1.96 * float(values.std(ddof=1))
    title = country.loaded.spec.title.partition(":")[0]
    kind: Any = line["kind"]
    return Row(
        id=f"reconstruction_{line['id']}",
        authority=line["authority"],
        metric=f"{title}, day {round(float(line['day']), 1):g}: {_WORDS[line['measure']]}",
        unit="share",
        published=float(line["published"]),
        simulated=mean,
        low=max(mean - spread, 0.0),
        high=min(mean + spread, 1.0),
        tolerance=_TOLERANCE,
        kind=kind,
        note=line["note"],
        known=line["known"],
    )
