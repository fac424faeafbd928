"""Runs until a figure is known well enough: `reach +-1 point`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtrit

from ewsim.errors import UsageError, count_of
from ewsim.scenario.words import number_meant

#: The figures are looked at after every so many runs, so the number of workers does not change the answer.
BATCH = 20
#: Runs that are made at most where nobody says how many.
MOST = 1_000

_FORM = re.compile(r"\s*([\w.]+)\s*(?:\+-|\+/-|±)\s*(.+?)\s*", re.ASCII)
_POINTS = re.compile(r"(\d*\.?\d+)\s*(?:points?|%)")


@dataclass(frozen=True, slots=True)
class Precision:
    """How well a figure shall be known: half of the 95 % interval of its mean."""

    text: str
    metric: str
    half: float

    def width(self, rows: Sequence[Mapping[str, Any]]) -> float | None:
        """Half of that interval; None where it cannot be said: too few runs, or some never got there."""
        values = [row.get(self.metric) for row in rows]
        if len(values) < 2 or any(value is None for value in values):
            return None
        spread = float(np.std(np.asarray(values, dtype=np.float64), ddof=1))
        return float(stdtrit(len(values) - 1, 0.975) * spread / len(values) ** 0.5)

    def enough(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Whether these runs will do."""
        width = self.width(rows)
        return width is not None and width <= self.half

    def said(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """What was attained, in words."""
        width, runs = self.width(rows), count_of(len(rows), "runs")
        if width is None:
            return f"{self.metric} has no value in some of {runs}, so {self.text!r} cannot be attained."
        attained = "attained" if width <= self.half else "not attained"
        return f"{self.text!r} is {attained} after {runs}: +-{width:.3g} (95 % interval of the mean)."


def precision_of(text: str, metrics: Sequence[str]) -> Precision:
    """What `--until` says: `reach +-1 point`, `time_to_0.5 +-30 s`."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise UsageError(f"--until takes FIGURE +-VALUE, as in 'reach +-1 point', not {text!r}.")
    name, value = form[1], form[2]
    metric = next((m for m in (name, f"{name}_share", f"{name}_s", f"{name}_people") if m in metrics), None)
    if metric is None:
        raise UsageError(f"--until: there is no figure {name!r}. There are: {', '.join(metrics)}.")
    half = _half(metric, value)
    if half is None or not 0 < half < 1e9:
        unit = "points" if metric.endswith("_share") else "s" if metric.endswith("_s") else "people"
        raise UsageError(f"--until: {metric} needs a number of {unit} above 0, not {value!r}.")
    return Precision(text.strip(), metric, half)


def _half(metric: str, value: str) -> float | None:
    if metric.endswith("_share"):
        points = _POINTS.fullmatch(value)
        return None if points is None else float(points[1]) / 100
    if metric.endswith("_s"):
        return number_meant(metric, value)
    number = re.fullmatch(r"(\d*\.?\d+)(?: people)?", value)
    return None if number is None else float(number[1])
