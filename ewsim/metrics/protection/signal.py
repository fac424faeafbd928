"""Where phones have a signal while a network fails: before, during, after, and what was lost.

After ITU's Disaster Connectivity Maps: the baseline is the network with nothing failed, and a place has lost
its signal when it had one then and has none now. Everything follows from the squares of a run, its cells and
its events.

Assumptions: a square has a signal where the median level outdoors meets the planning threshold in its middle;
a cell that serves covers what it did before; people are where they are at the decision. Deployable cells are
no part of the baseline, and give a signal from when they serve.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim.metrics.infrastructure import cell_changes
from ewsim.metrics.words import duration
from ewsim.units import RATS

#: Any operator or technology, in tables and options.
ANY = "any"
#: Moments of a series at most, about.
_MOMENTS = 48
_STEPS_H = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 168, 720)

Mask = NDArray[np.bool_]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SignalSquares:
    """Squares of a country's land, the people in each, and the cells heard there while nothing has failed.

    Square (row, column) has its south-west corner at `south_deg` + row x `high_deg`, `west_deg` + column x
    `wide_deg`. `number` is row x `columns` + column, ascending. `cell` are rows of the cells table; those of
    square i stand from `first[i]` to `first[i + 1]`.
    """

    west_deg: float
    south_deg: float
    wide_deg: float
    high_deg: float
    step_m: float
    rows: int
    columns: int
    number: NDArray[np.int64]
    people: NDArray[np.int64]
    first: NDArray[np.int64]
    cell: NDArray[np.int64]

    def heard(self, working: Mask) -> Mask:
        """Which squares hear one of these cells or more, shape (squares,)."""
        total = np.concatenate([[0], np.cumsum(working[self.cell])])
        return np.asarray(total[self.first[1:]] > total[self.first[:-1]])

    def raster(self, values: NDArray[Any], nothing: float) -> NDArray[Any]:
        """Values of the squares as (rows, columns), row 0 the south; `nothing` off the land."""
        out = np.full(self.rows * self.columns, nothing, dtype=values.dtype)
        out[self.number] = values
        return out.reshape(self.rows, self.columns)


@dataclass(frozen=True, slots=True, eq=False)
class SignalSeries:
    """Whether squares have a signal: before anything failed, and at moments [s], shape (moments, squares)."""

    squares: SignalSquares
    time_s: FloatArray
    baseline: Mask
    signal: Mask

    @property
    def lost(self) -> Mask:
        """Squares that had a signal and have none, shape (moments, squares)."""
        return np.asarray(self.baseline & ~self.signal)

    def people(self, mask: Mask) -> int:
        """People in squares."""
        return int(self.squares.people[mask].sum())

    def km2(self, mask: Mask) -> float:
        """The area of squares [km2]."""
        return float(mask.sum()) * (self.squares.step_m / 1000) ** 2

    @property
    def worst(self) -> int:
        """The moment at which most people had lost their signal: its number."""
        return int(np.argmax(self.lost @ self.squares.people))

    def lost_s(self) -> FloatArray:
        """The first moment at which each square has lost its signal [s], NaN for never."""
        return np.where(self.lost.any(axis=0), self.time_s[self.lost.argmax(axis=0)], np.nan)

    def back_s(self) -> FloatArray:
        """The moment from which each square that had lost it has it to the end [s]; inf: not back."""
        last = self.time_s.size - 1 - self.lost[::-1].argmax(axis=0)
        after = np.append(self.time_s, np.inf)[last + 1]
        return np.where(self.lost.any(axis=0), after, np.nan)


def moments_of(events: pd.DataFrame, horizon_s: float) -> FloatArray:
    """The moments of a series [s]: every hour, or a step that makes few enough, from the first failure on."""
    changes = cell_changes(events)["time_s"]
    start = min(0.0, float(changes.min())) if len(changes) else 0.0
    longest = (horizon_s - start) / 3600 / _MOMENTS
    step = 3600.0 * next((hours for hours in _STEPS_H if hours >= longest), np.ceil(longest))
    inner = np.arange(np.ceil(start / step), np.floor(horizon_s / step) + 1) * step
    return np.unique(np.append(inner, horizon_s))


def _selected_cells(cells: pd.DataFrame, operator: str = ANY, rat: str = ANY) -> Mask:
    """The cells of an operator and a technology, shape (cells,)."""
    chosen = np.ones(len(cells), dtype=np.bool_)
    for column, wanted in (("operator", operator), ("rat", rat)):
        if wanted != ANY:
            chosen &= cells[column].astype(str).to_numpy() == wanted
    return chosen


def series_of(
    squares: SignalSquares,
    cells: pd.DataFrame,
    events: pd.DataFrame,
    time_s: FloatArray,
    operator: str = ANY,
    rat: str = ANY,
) -> SignalSeries:
    """The signal over time, of all cells or of some.

    Parameters
    ----------
    squares
        The country.
    cells, events
        The tables of the run.
    time_s
        Moments [s], shape (moments,).
    operator, rat
        Whose cells and of which technology count; `any` for all.
    """
    chosen = _selected_cells(cells, operator, rat)
    before = ~_brought(events, chosen.size)
    signal = [squares.heard(chosen & before)]
    for serves in serving_at(events, chosen.size, time_s):
        same = bool((serves[chosen] == before[chosen]).all())
        signal.append(signal[-1] if same else squares.heard(chosen & serves))
        before = serves
    rows = np.array(signal).reshape(time_s.size + 1, -1)
    return SignalSeries(squares, time_s, rows[0], rows[1:])


def _brought(events: pd.DataFrame, cell_count: int) -> Mask:
    """Deployable cells, which are not there before anything failed."""
    away = events["kind"].astype(str).isin(["away", "deployed"]) & (events["element"] == "cell")
    out = np.zeros(cell_count, dtype=np.bool_)
    out[events.loc[away, "cell_id"].to_numpy(np.int64)] = True
    return out


def serving_at(events: pd.DataFrame, cell_count: int, time_s: FloatArray) -> Mask:
    """Which cells serve at ascending moments, shape (moments, cells); changes at a moment count.

    Parameters
    ----------
    events
        The events table.
    cell_count
        Number of cells.
    time_s
        Moments [s], shape (moments,).
    """
    changes = cell_changes(events).sort_values("time_s", kind="stable")
    cell, serves = changes["cell_id"].to_numpy(np.int64), changes["serves"].to_numpy(np.bool_)
    until = np.searchsorted(changes["time_s"].to_numpy(), time_s, side="right")
    out = np.ones((time_s.size, cell_count), dtype=np.bool_)
    done = 0
    for k, end in enumerate(until.tolist()):
        if k:
            out[k] = out[k - 1]
        out[k, cell[done:end]] = serves[done:end]
        done = end
    return out


def choices(cells: pd.DataFrame) -> list[tuple[str, str]]:
    """Operators and technologies of a table of cells, each alone and together, `any` first."""
    there = set(zip(cells["operator"].astype(str), cells["rat"].astype(str), strict=True))
    operators = list(dict.fromkeys(cells["operator"].astype(str)))
    rats = [rat for rat in RATS if any(rat == r for _, r in there)]
    found = [(ANY, ANY), *((o, ANY) for o in operators), *((ANY, r) for r in rats)]
    found += [(o, r) for o in operators for r in rats if (o, r) in there]
    return list(dict.fromkeys(found))


def by_hour(
    squares: SignalSquares, cells: pd.DataFrame, events: pd.DataFrame, time_s: FloatArray
) -> pd.DataFrame:
    """People with and without a signal by moment, operator and technology.

    Columns: time_s, operator, rat, cells, cells_off, people_signal, people_lost (had one before anything
    failed), people_without (lost, and those who never had one), land_lost_share.

    Parameters
    ----------
    squares, cells, events, time_s
        As in `series_of`: moments [s], shape (moments,).
    """
    serving, before = serving_at(events, len(cells), time_s), ~_brought(events, len(cells))
    whole = int(squares.people.sum())
    rows: list[dict[str, object]] = []
    for operator, rat in choices(cells):
        chosen = _selected_cells(cells, operator, rat)
        baseline = squares.heard(chosen & before)
        for moment, serves in zip(time_s.tolist(), serving, strict=True):
            signal = squares.heard(chosen & serves)
            lost = baseline & ~signal
            has = int(squares.people[signal].sum())
            rows.append(
                {
                    "time_s": moment,
                    "operator": operator,
                    "rat": rat,
                    "cells": int(chosen.sum()),
                    "cells_off": int((chosen & ~serves).sum()),
                    "people_signal": has,
                    "people_lost": int(squares.people[lost].sum()),
                    "people_without": whole - has,
                    "land_lost_share": float(lost.sum() / max(int(baseline.sum()), 1)),
                }
            )
    return pd.DataFrame(rows)


def panels_of(series: SignalSeries, most: int = 5) -> list[int]:
    """The moments that tell a series best: the worst, those that differ most from all before, and the end."""
    lost = (series.lost * (series.squares.people + 1)).astype(np.float64)
    chosen: list[int] = []
    gain = lost.sum(axis=1)
    least = 0.02 * gain.max(initial=0)
    while len(chosen) < most and gain.max(initial=0) > least:
        chosen.append(series.worst if not chosen else int(np.argmax(gain)))
        gain = np.minimum(gain, np.abs(lost - lost[chosen[-1]]).sum(axis=1))
        gain[chosen] = 0
    if chosen and (series.lost[-1] != series.lost[chosen[0]]).any():  # how it ends belongs to the story
        end = series.time_s.size - 1
        chosen = chosen if end in chosen else [*chosen[: most - 1], end]
    return sorted(set(chosen))


def state_of(series: SignalSeries, moment: int) -> NDArray[np.int8]:
    """Of each square at a moment: 0 never a signal, 1 a signal, 2 lost; -1: before anything failed."""
    signal = series.baseline if moment < 0 else series.signal[moment]
    return np.where(signal, 1, np.where(series.baseline, 2, 0)).astype(np.int8)


def in_words(series: SignalSeries) -> Iterator[str]:
    """A series in sentences: how many lost the signal, when, and how many have it back."""
    whole = int(series.squares.people.sum())
    worst, end = (series.people(series.lost[k]) for k in (series.worst, -1))
    without = whole - series.people(series.baseline)
    yield f"Before anything failed {without:,} of {whole:,} people lived where there was no signal."
    if not worst:
        yield "Nobody lost it: other cells cover where cells failed."
        return
    when = when_of(float(series.time_s[series.worst]))
    yield f"Most people had lost it {when}: {worst:,} ({worst / whole:.0%})."
    ever = series.people(np.asarray(series.lost.any(axis=0)))
    if end:
        back = ever - end
        yield f"At the end {end:,} are still without it; {back:,} of {ever:,} who lost it have it back."
    else:
        yield f"At the end all {ever:,} who lost it have it back."


def when_of(time_s: float) -> str:
    """A moment of a series in words."""
    if not time_s:
        return "at the decision"
    size = abs(time_s)
    said = f"{size / 86_400:.3g} days" if size >= 2 * 86_400 else duration(size)
    return f"{said} {'after' if time_s > 0 else 'before'} the decision"
