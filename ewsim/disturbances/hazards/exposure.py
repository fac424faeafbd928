"""How strong a hazard is at points over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ewsim.geography.plane import FloatArray


@dataclass(frozen=True, slots=True)
class Exposure:
    """One measure of a hazard at points, by steps of time.

    `times_s` has shape (steps, points), or (steps, 1) where all points share them; `values` has shape
    (steps, points). `smooth`: between two steps it changes evenly, else all at once at the later one.
    """

    times_s: FloatArray
    values: NDArray[np.floating]
    smooth: bool = False

    @property
    def peak(self) -> FloatArray:
        """The largest value at each point, 0 where there is none, shape (points,)."""
        return np.asarray(self.values.max(axis=0, initial=0.0), dtype=np.float64)

    def reached_s(self, level: FloatArray | float) -> FloatArray:
        """When each point first has a level or more [s], inf where it never has; shape (points,)."""
        steps, points = self.values.shape
        level = np.broadcast_to(np.asarray(level, dtype=np.float64), points)
        if not steps:
            return np.full(points, np.inf)
        high = self.values >= level
        step, at = high.argmax(axis=0), np.arange(points)
        times = np.broadcast_to(self.times_s, self.values.shape)
        first = times[step, at].astype(np.float64)
        if self.smooth:
            before = np.maximum(step - 1, 0)
            low, top = self.values[before, at], self.values[step, at]
            part = (level - low) / np.where(top > low, top - low, 1.0)
            between = times[before, at] + np.clip(part, 0, 1) * (first - times[before, at])
            first = np.where(step > 0, between, first)
        return np.where(high.any(axis=0), first, np.inf)

    def left_s(self, level: float) -> float:
        """When no point has the level any more [s]; -inf where none ever has."""
        steps = np.flatnonzero((self.values >= level).any(axis=1))
        if not steps.size:
            return -np.inf
        last = min(int(steps[-1]) + 1, len(self.values) - 1)
        return float(np.max(self.times_s[last]))

    def over(self, group: NDArray[np.integer], count: int) -> Exposure:
        """The mean over each group of points, which share their times; points of group -1 are left out."""
        inside = group >= 0
        members = np.maximum(np.bincount(group[inside], minlength=count), 1)
        sums = [np.bincount(group[inside], weights=row[inside], minlength=count) for row in self.values]
        values = np.array(sums).reshape(-1, count) / members
        times = self.times_s
        if times.shape[1] > 1:  # of each group the middle of its points
            times = np.array([np.bincount(group[inside], row[inside], count) for row in times]) / members
        return Exposure(times, values, self.smooth)
