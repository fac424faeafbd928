"""What is compared: runs of the same people, and why some cannot be compared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim.errors import DataError, Diagnostic
from ewsim.ledger import Ledger
from ewsim.metrics.reach import in_area, weights

#: What makes a person the same person in two runs; operator and network may differ between them.
WHO = ("weight", "sex", "age_band", "disability", "language", "settlement", "poverty", "residence", "zone")
_SAME = "Compare arms of one scenario, or runs that differ in the network, the alert or the channels."


@dataclass(frozen=True)
class ComparedRun:
    """One run of a comparison.

    Parameters
    ----------
    name
        What a comparison calls it: an arm, or a folder.
    title
        What it is in words; may be empty.
    ledger
        What happened to whom.
    scenario
        The scenario as plain values.
    seed, version, sha256
        The seed, the version of ewsim, and the hash of the scenario.
    not_modelled
        Columns of people that change nothing in this run.
    replications
        Headlines of further runs, where there are any.
    """

    name: str
    title: str
    ledger: Ledger
    scenario: Mapping[str, Any]
    seed: int
    version: str
    sha256: str
    not_modelled: tuple[str, ...] = ()
    replications: pd.DataFrame | None = None

    @property
    def horizon_s(self) -> float:
        """The simulated time after the decision [s]."""
        return float(self.scenario["horizon_s"])


def check_comparable(runs: Sequence[ComparedRun]) -> None:
    """Refuse runs that cannot be compared with the first, person by person.

    Raises
    ------
    DataError
        With the reason for each such run.
    """
    first, *others = runs
    faults = [Diagnostic(run.name, 0, 0, *why) for run in others for why in _faults(first, run)]
    if faults:
        raise DataError(faults)


def differences_of_people(first: ComparedRun, run: ComparedRun) -> str:
    """In which way the people of two runs differ; empty where they are the same."""
    before, after = first.ledger.people, run.ledger.people
    if len(before) != len(after):
        have, had = (int(weights(one.ledger).sum()) for one in (run, first))
        if have == had:
            each, other = (f"{have / len(people):,.3g}" for people in (after, before))
            return f"a row of its people stands for {each}, one of {first.name} for {other}"
        return f"it has {have:,} people, {first.name} has {had:,}"
    for column in WHO:
        if not _equal(before[column], after[column]):
            return f"its people differ in {column} from those of {first.name}"
    return ""


def _faults(first: ComparedRun, run: ComparedRun) -> Iterator[tuple[str, str]]:
    if run.version != first.version:
        what = f"is of ewsim {run.version}, and {first.name} is of ewsim {first.version}."
        yield what, "Run both again with one version."
    if run.seed != first.seed:
        what = (
            f"has the seed {run.seed}, and {first.name} has the seed {first.seed}: other people, other luck."
        )
        yield what, "Run both again with one seed."
    elif different := differences_of_people(first, run):
        yield f"has other people: {different}.", _SAME
    elif run.sha256 == first.sha256 and run.version == first.version and not _same_run(first, run):
        what = f"is damaged or was changed: it has the scenario of {first.name}, and not its result."
        yield what, "Run both again."


def _same_run(first: ComparedRun, run: ComparedRun) -> bool:
    return run.scenario == first.scenario and np.array_equal(first.ledger.reached_us, run.ledger.reached_us)


def _equal(before: pd.Series, after: pd.Series) -> bool:
    """Whether two columns have the same values, whatever the order of their categories."""
    if not isinstance(before.dtype, pd.CategoricalDtype):
        return bool(np.array_equal(before.to_numpy(), after.to_numpy()))
    left, right = pd.Categorical(before), pd.Categorical(after)
    place = np.append(left.categories.get_indexer(right.categories), -1)
    return bool(np.array_equal(left.codes, place[right.codes]))


def counted(run: ComparedRun) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whom a comparison counts: the people in the alert area of its first run, and their weights."""
    return in_area(run.ledger), weights(run.ledger)


# --- what differs in their scenarios --------------------------------------------------------------

#: Keys that say what a scenario is called, not what happens in it.
_NAMES = ("name", "title", "description", "arms")


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The keys of two scenarios that differ: key, before, after."""
    left, right = ({k: v for k, v in one.items() if k not in _NAMES} for one in (before, after))
    return [{"key": key, "before": a, "after": b} for key, a, b in _walk("", left, right)]


def _walk(key: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys([*before, *after]):
            yield from _walk(f"{key}.{name}".lstrip("."), before.get(name), after.get(name))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, pair in enumerate(zip(before, after, strict=True)):
            yield from _walk(f"{key}.{number}", *pair)
    elif before != after:
        yield key, before, after
