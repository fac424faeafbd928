"""Presets of published tests, run and compared with what was published.

`published.csv` has the published numbers and their sources. A preset is a scenario file in
`presets/`, with an arm for each test where a country ran several. Each runs with several seeds, or many
times on one country where luck decides; the interval is the mean and 1.96 standard deviations of single
runs.

Assumption: a survey's share is the simulator's share of the same people (who answers a survey is
as likely to have been reached as who does not).
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim import pipeline
from ewsim.country.build import build_country
from ewsim.scenario.load import load_scenario
from ewsim.validation.rows import Bound, Kind, Row

FOLDER = Path(str(resources.files("ewsim.validation"))) / "presets"

#: Presets with a country's land. Three times as many people are simulated as in a city, so a third of the
#: runs says as much.
NATIONAL = ("denmark", "uk_2023", "us_2021", "nl_2020", "de_2022", "australia_2014")

#: Presets whose numbers are of one place and vary by luck: so many replications on one country for
#: each run of the others.
ONE_COUNTRY = {"san_diego_2019": 10, "oakland_2019": 10, "us_2023": 1, "taiwan_2020": 3}


class Preset(NamedTuple):
    """A scenario file, and its arm where it has some."""

    name: str
    arm: str


@dataclass(frozen=True, slots=True)
class Published:
    """One published number: a line of `published.csv`."""

    id: str
    authority: str
    metric: str
    unit: str
    value: float
    tolerance: float
    kind: Kind
    bound: Bound
    preset: str
    arm: str
    measure: str
    source: str
    note: str

    @property
    def presets(self) -> list[Preset]:
        """What it is measured on; for a difference (`a less b`) the two."""
        return [Preset(name, self.arm) for name in self.preset.split(" less ")]


def published() -> list[Published]:
    """Every published number that presets are compared with."""
    file = resources.files("ewsim.validation") / "published.csv"
    lines: Iterable[dict[str, Any]] = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    numbers = ("value", "tolerance")
    return [Published(**{**line, **{name: float(line[name]) for name in numbers}}) for line in lines]


def rows(
    *, seeds: int = 10, only: str | None = None, progress: Callable[[str, float], None] | None = None
) -> Iterator[Row]:
    """Run the presets and compare.

    Parameters
    ----------
    seeds
        Runs for each preset; a third as many for a country, more where luck decides (`ONE_COUNTRY`).
    only
        Only numbers with this word in their id or authority.
    progress
        Called with what runs, and how much is done [share].
    """
    wanted = [p for p in published() if only is None or only.lower() in f"{p.id} {p.authority}".lower()]
    needed: dict[Preset, set[str]] = {}
    for p in wanted:
        for preset in reversed(p.presets):
            needed.setdefault(preset, set()).add(p.measure)
    measured: dict[tuple[Preset, str], NDArray[np.float64]] = {}
    for done, (preset, measures) in enumerate(needed.items()):
        values: dict[str, list[float]] = {measure: [] for measure in measures}
        count = max(2, seeds // 3) if preset.name in NATIONAL else seeds * ONE_COUNTRY.get(preset.name, 1)
        for number, result in enumerate(_runs(preset, count)):
            if progress is not None:
                progress(f"{preset.name} {preset.arm}".strip(), (done + number / count) / len(needed))
            for measure in measures:
                values[measure].append(MEASURES[measure](result))
        measured |= {(preset, measure): np.array(found) for measure, found in values.items()}
        ready = [p for p in wanted if all((one, p.measure) in measured for one in p.presets)]
        wanted = [p for p in wanted if p not in ready]
        yield from (_row(p, [measured[one, p.measure] for one in p.presets]) for p in ready)


def _row(p: Published, values: Sequence[NDArray[np.float64]]) -> Row:
    """The comparison; where a number is a difference, the second preset's is taken off run by run."""
    runs = values[0] if len(values) == 1 else values[0] - values[1]
    mean, spread = float(runs.mean()), 1.96 * float(runs.std(ddof=1))
    return Row(
        id=p.id,
        authority=p.authority,
        metric=p.metric,
        unit=p.unit,
        published=p.value,
        simulated=mean,
        low=mean - spread,
        high=mean + spread,
        tolerance=p.tolerance,
        kind=p.kind,
        bound=p.bound,
        note=p.note,
    )


class Ran(NamedTuple):
    """What a run of a preset leaves to measure: its people, its events, the names of its channels."""

    people: pd.DataFrame
    events: pd.DataFrame
    channels: tuple[str, ...]


def _runs(preset: Preset, count: int) -> Iterator[Ran]:
    """So many runs, each of a country of its own, or all on one."""
    own = preset.name not in ONE_COUNTRY
    country = None
    for number in range(count):
        if own or country is None:
            sets = [f"seed={number + 1}"]
            file = FOLDER / f"{preset.name}.yaml"
            country = build_country(load_scenario(file, sets=sets, arm=preset.arm or None))
        ledger = pipeline.run(country, 0 if own else number).ledger
        yield Ran(ledger.people_frame(), ledger.events, tuple(ledger.outcomes))


# --- what is measured -----------------------------------------------------------------------------

#: One value for each row of a people table.
Rows = Callable[[pd.DataFrame], Any]


def _people(result: Ran) -> pd.DataFrame:
    return result.people[result.people["in_area"]]


def _weighted(frame: pd.DataFrame, hit: Any) -> float:
    weight = frame["weight"].to_numpy()
    total = weight.sum()
    return float((weight * np.asarray(hit)).sum() / total) if total else float("nan")


def _share(hit: Rows, among: Rows | None = None) -> Callable[[Ran], float]:
    """The share of people in the area for whom `hit` holds, `among` all of them or some."""

    def measure(result: Ran) -> float:
        people = _people(result)
        people = people if among is None else people[among(people)]
        return _weighted(people, hit(people))

    return measure


def _reached(people: pd.DataFrame) -> Any:
    return people["reached_s"].notna()


def _reached_by_one(people: pd.DataFrame) -> Any:
    """Customers of the first operator that were reached."""
    return _reached(people) & (people["operator"] == "A")


def _missed(people: pd.DataFrame) -> Any:
    return people["reached_s"].isna()


def _with_phone(people: pd.DataFrame) -> Any:
    return people["operator"] != "none"


def _compatible(people: pd.DataFrame) -> Any:
    """People with a phone that can show the alert."""
    incapable = ("handset_unsupported", "network_generation_unsupported")
    return _with_phone(people) & ~people["cause"].isin(incapable)


def _in(column: str, *values: str) -> Rows:
    return lambda people: people[column].isin(values)


def _shown_by(channel: str) -> Rows:
    return lambda people: people[f"{channel}_displayed_s"].notna()


#: Shares of radio, television, social media and personal messages in Germany 2022 (BBK via heise).
_OTHER_MEDIA = (0.099, 0.054, 0.046, 0.17)


def _by_at_least(count: int) -> Callable[[Ran], float]:
    """Reached by so many channels or more, other media counted as independent."""
    others = np.array([1.0])  # probability of being reached by 0, 1, ... other media
    for share in _OTHER_MEDIA:
        others = np.convolve(others, [1 - share, share])

    def measure(result: Ran) -> float:
        people = _people(result)
        ours = sum(people[f"{name}_displayed_s"].notna().to_numpy().astype(int) for name in result.channels)
        more = np.cumsum(others[::-1])[::-1]  # probability of k other media or more
        lacking = np.clip(count - np.asarray(ours), 0, None)
        return _weighted(people, np.append(more, 0.0)[np.minimum(lacking, more.size)])

    return measure


def _median(result: Ran) -> float:
    people = _people(result)
    people = people[people["reached_s"].notna()].sort_values("reached_s")
    cumulated = people["weight"].cumsum().to_numpy() / people["weight"].sum()
    return float(people["reached_s"].iloc[int(np.searchsorted(cumulated, 0.5))])


def _fastest_of(count: int) -> Callable[[Ran], float]:
    """Expected first display [s] among so many people drawn from those who were reached."""

    def measure(result: Ran) -> float:
        people = _people(result).dropna(subset="reached_s").sort_values("reached_s")
        later = 1 - people["weight"].cumsum().to_numpy() / people["weight"].sum()
        first = np.append(1.0, later[:-1]) ** count - np.maximum(later, 0) ** count  # each is the first
        return float(first @ people["reached_s"].to_numpy())

    return measure


def _stage_cb(quantile: float, since: str, until: str) -> Callable[[Ran], float]:
    """What this share of phones have behind them so long [s] after their own operator's milestone."""

    def measure(result: Ran) -> float:
        people = _people(result)
        took = people[f"cell_broadcast_{until}_s"] - people[f"cell_broadcast_{since}_s"]
        return float(np.quantile(took.dropna(), quantile, method="inverted_cdf"))

    return measure


def _delivered_of_sent(result: Ran) -> float:
    sent = result.people[result.people["location_based_sms_sent_s"].notna()]
    return _weighted(sent, sent["location_based_sms_received_s"].notna())


MEASURES: dict[str, Callable[[Ran], float]] = {
    "received_18plus": _share(_reached, _in("age_band", "18-34", "35-49", "50-64", "65-74", "75+")),
    "received_12plus": _share(_reached, _in("age_band", "10-17", "18-34", "35-49", "50-64", "65-74", "75+")),
    "received_18_34": _share(_reached, _in("age_band", "18-34")),
    "received_75plus": _share(_reached, _in("age_band", "75+")),
    "received_of_phones": _share(_reached, _with_phone),
    "compatible_missed": _share(_missed, _compatible),
    "missed_3g": _share(_missed, _in("rat", "3G")),
    "missed_4g": _share(_missed, _in("rat", "4G")),
    "shown_more_than_once": _share(lambda people: people["cell_broadcast_displays"] > 1, _reached),
    "by_cell_broadcast": _share(_shown_by("cell_broadcast")),
    "by_app_push": _share(_shown_by("app_push")),
    "by_siren": _share(_shown_by("siren")),
    "by_nothing": lambda result: 1 - _by_at_least(1)(result),
    "by_two_or_more": _by_at_least(2),
    "fastest_of_970_s": _fastest_of(970),
    "median_s": _median,
    "one_operator_within_1_min": _share(lambda people: people["reached_s"] <= 60, _reached_by_one),
    "one_operator_within_3_min": _share(lambda people: people["reached_s"] <= 180, _reached_by_one),
    "centre_to_phone_p99_s": _stage_cb(0.99, "accepted", "received"),
    "operator_to_phone_median_s": _stage_cb(0.5, "released", "displayed"),
    "delivered_of_sent": _delivered_of_sent,
}
