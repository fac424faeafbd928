"""Which points a sweep runs: the scenario as written, one change at a time, then all keys together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from ewsim.errors import Diagnostic, ScenarioError, UsageError
from ewsim.experiments.sweep.factors import Factor, sets_of, value_now
from ewsim.scenario.load import LoadedScenario, load_changed

Design = Literal["one", "grid", "lhs", "sobol"]
#: Even steps of a range in a grid.
STEPS = 5
#: Points are refused beyond this.
MOST_POINTS = 100_000
#: Keys whose Sobol indices are computed: those that change the answer most one at a time.
MOST_INDICES = 8


@dataclass(frozen=True, slots=True)
class Point:
    """One variant: how it came about, and the values of the keys that it changes."""

    part: str
    factors: tuple[Factor, ...]
    values: tuple[Any, ...]

    @property
    def sets(self) -> tuple[str, ...]:
        """The changes `KEY=VALUE` that make it."""
        return sets_of(self.factors, self.values)


def one_at_a_time(factors: Sequence[Factor], loaded: LoadedScenario) -> list[Point]:
    """The scenario as written, then each key at its ends, the others as written."""
    points = [Point("base", (), ())]
    for factor in factors:
        now = value_now(factor, loaded.spec)
        points += [Point("one", (factor,), (value,)) for value in factor.extremes(now)]
    return points


def together(factors: Sequence[Factor], design: Design, samples: int, seed: int) -> list[Point]:
    """All keys at once.

    Parameters
    ----------
    factors
        The keys.
    design
        `grid`: every combination; `lhs`: a Latin hypercube; `sobol`: two samples of a Sobol sequence and
        their mixtures, from which indices follow; `one`: nothing.
    samples
        Points of `lhs`; of each of the samples of `sobol`, a power of 2.
    seed
        Of the sample [1].
    """
    if design == "grid":
        axes = [factor.values or tuple(factor.at(s) for s in np.linspace(0, 1, STEPS)) for factor in factors]
        if np.prod([float(len(axis)) for axis in axes]) > MOST_POINTS:
            raise UsageError(f"The grid has more than {MOST_POINTS:,} points. Use --design lhs.")
        return [Point("grid", tuple(factors), values) for values in product(*axes)]
    if design == "lhs":
        shares = qmc.LatinHypercube(len(factors), rng=seed).random(samples)
        return [_at("lhs", factors, row) for row in shares]
    if design == "sobol":
        first, second = sobol_samples(len(factors), samples, seed)
        points = [_at("a", factors, row) for row in first] + [_at("b", factors, row) for row in second]
        for place in range(len(factors)):
            mixed = first.copy()
            mixed[:, place] = second[:, place]
            points += [_at(f"ab{place}", factors, row) for row in mixed]
        return points
    return []


def sobol_samples(keys: int, samples: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two independent samples of one Sobol sequence, each of shape (samples, keys).

    Parameters
    ----------
    keys, samples
        How many keys, and points in each sample.
    seed
        Of the scrambling [1].
    """
    if samples & (samples - 1) or samples < 2:
        raise UsageError(f"--samples must be a power of 2 for Sobol indices, as 32 or 64, not {samples}.")
    both = qmc.Sobol(2 * keys, scramble=True, rng=seed).random(samples)
    return both[:, :keys], both[:, keys:]


def _at(part: str, factors: Sequence[Factor], shares: NDArray[np.float64]) -> Point:
    values = tuple(f.at(float(share)) for f, share in zip(factors, shares, strict=True))
    return Point(part, tuple(factors), values)


def checked(points: Sequence[Point], loaded: LoadedScenario, sets: Sequence[str]) -> list[LoadedScenario]:
    """Every point as a scenario.

    Parameters
    ----------
    points
        The points.
    loaded
        The scenario as written.
    sets
        Its changes, which all points have.

    Raises
    ------
    ScenarioError
        With what the keys cannot be, once for each key.
    """
    found: list[LoadedScenario] = []
    faults: dict[tuple[str, str], Diagnostic] = {}
    for point in points:
        try:
            found.append(load_changed(loaded, [*sets, *point.sets]))
        except ScenarioError as error:
            for one in error.diagnostics:
                changed = next((f for f in point.factors if one.file.startswith(f"--set {f.path}=")), None)
                if changed is None:
                    faults.setdefault((one.file, one.message), one)
                else:
                    place = f"--over {changed.text}"
                    faults.setdefault((place, ""), replace(one, file=place))
    if faults:
        raise ScenarioError(faults.values())
    return found
