"""From the table of a sweep: what each key does alone, the part of the variance it makes, luck."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ewsim.metrics.replications import interval
from ewsim.streams import Streams

#: A change of the figure below this part of a share, or of its size, is none.
_NOTHING = 5e-4
#: Points of a response curve of numbers.
_BINS = 8
#: Resamples for the intervals of indices.
_RESAMPLES = 200


def bars(table: pd.DataFrame, figure: str) -> dict[str, Any]:
    """Luck and ignorance: the figure over runs of the scenario as written, and over points of all keys."""
    luck = table[table["part"] == "base"]
    points = means(table[table["part"].isin(["a", "b", "lhs", "grid"])], figure)
    found: dict[str, Any] = {"luck": None, "ignorance": None}
    if len(luck) > 1:
        found["luck"] = {"count": len(luck), **interval(luck[[figure]])[figure]}
    if len(points) > 1:
        found["ignorance"] = {"count": len(points), **interval(points.to_frame(figure))[figure]}
    return found


def means(table: pd.DataFrame, figure: str) -> pd.Series:
    """The mean of a figure over the runs of each point; NaN where a run never attains it."""
    values = pd.to_numeric(table[figure], errors="coerce").groupby(table["point"])
    return values.mean().where(values.count() == values.size())


def tornado(table: pd.DataFrame, figure: str, keys: Mapping[str, Any], runs: int) -> list[dict[str, Any]]:
    """What each key does alone, the largest change first.

    Parameters
    ----------
    table
        The runs of a sweep.
    figure
        The column.
    keys
        The varied keys with the values that the scenario has now.
    runs
        Replications of each point: as many of the scenario as written are compared with them.
    """
    alone = table[table["part"] == "one"]
    base = table[(table["part"] == "base") & (table["replication"] < runs)]
    now = float(means(base, figure).iloc[0])
    rows = []
    for key, value in keys.items():
        mine = alone[alone["changed"] == key]
        found = means(mine, figure)
        values = mine.groupby("point")[key].first()
        ends = [{"value": plain(values[p]), "figure": _or_none(found[p])} for p in found.index]
        known = [now, *(end["figure"] for end in ends if end["figure"] is not None)]
        swing = max(known) - min(known)
        rows.append(
            {"key": key, "now": plain(value), "ends": ends, "swing": None if np.isnan(swing) else swing}
        )
    return sorted(rows, key=lambda row: (-(row["swing"] or 0.0), row["key"]))


def indices(table: pd.DataFrame, figure: str, keys: Sequence[str], seed: int) -> list[dict[str, Any]]:
    """Sobol indices with 95 % intervals: the part of the variance that each key makes.

    `scipy.stats.sobol_indices` has the estimators of Saltelli 2010: it is a dependency already, and takes
    runs that are made elsewhere. SALib has the same. Scipy's bootstrap takes no seed, so points are
    resampled here.

    Parameters
    ----------
    table
        The runs of a sweep with the parts `a`, `b` and `ab0`, `ab1`, ...
    figure
        The column.
    keys
        The keys, in the order of the parts.
    seed
        Of the resampling [1].
    """

    from scipy import stats  # half a second that a report need not wait for

    def answers(part: str) -> np.ndarray:
        return means(table[table["part"] == part], figure).to_numpy(np.float64)

    first, second = answers("a"), answers("b")
    mixed = np.array([answers(f"ab{place}") for place in range(len(keys))])
    whole = np.concatenate([first, second])
    if not np.isfinite(mixed).all() or not np.isfinite(whole).all() or np.ptp(whole) == 0:
        return []

    def of(places: Any) -> np.ndarray:
        made: Any = {"f_A": first[None, places], "f_B": second[None, places], "f_AB": mixed[:, None, places]}
        with np.errstate(invalid="ignore", divide="ignore"):  # a resample may have one value only
            found = stats.sobol_indices(func=made, n=first.size)
        return np.array([np.ravel(found.first_order), np.ravel(found.total_order)])

    estimate = of(slice(None))
    draws = (Streams(seed).uniform("sweep.resample", np.arange(first.size), k) for k in range(_RESAMPLES))
    resampled = [of((draw * first.size).astype(np.int64)) for draw in draws]
    low, high = np.nanpercentile(resampled, [2.5, 97.5], axis=0)
    rows = []
    for place, key in enumerate(keys):
        row: dict[str, Any] = {"key": key}
        for order, name in enumerate(("first", "total")):
            row[name] = float(estimate[order, place])
            row[f"{name}_low"], row[f"{name}_high"] = float(low[order, place]), float(high[order, place])
        rows.append(row)
    return sorted(rows, key=lambda row: (-row["total"], row["key"]))


def response(table: pd.DataFrame, figure: str, key: str) -> list[dict[str, Any]]:
    """The figure against a key's value: the mean over points, in up to eight groups of numbers.

    Parameters
    ----------
    table, figure
        As in `tornado`.
    key
        The key.
    """
    mixed = table["part"].isin(["a", "b", "lhs", "grid"])
    some = table[mixed if mixed.any() else (table["part"] == "base") | (table["changed"] == key)]
    found, values = means(some, figure), some.groupby("point")[key].first()
    numbers = pd.to_numeric(values, errors="coerce")
    groups: Any = values.map(str)
    if numbers.notna().all() and values.nunique() > _BINS:
        groups = pd.qcut(numbers, _BINS, labels=False, duplicates="drop")
    rows = []
    for places in found.groupby(groups).groups.values():
        figures = found[places].dropna()
        if len(figures):
            value = plain(numbers[places].mean() if numbers.notna().all() else values[places[0]])
            low, high = (float(v) for v in np.percentile(figures, [2.5, 97.5]))
            rows.append({"value": value, "mean": float(figures.mean()), "low": low, "high": high})
    return sorted(rows, key=lambda row: (isinstance(row["value"], str), row["value"]))


def plain(value: Any) -> Any:
    """A value that JSON has, or its text."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return None if np.isnan(value) else value
    return json.dumps(value)


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def matters(row: Mapping[str, Any], figure: str) -> bool:
    """Whether a key changes the figure at all."""
    return bool((row["swing"] or 0.0) > (_NOTHING if figure.endswith("_share") else 0.5))
