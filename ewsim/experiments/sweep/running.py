"""A sweep: points are run with the same people, faults and luck, and what they share is built once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from ewsim import pipeline
from ewsim.country.build import CheckedParts, Country, build_country, ground_key
from ewsim.errors import ScenarioError, UsageError
from ewsim.experiments.crew import begin, each_done
from ewsim.experiments.journal import Journal
from ewsim.experiments.replications import FEW_RUNS, Progress
from ewsim.experiments.sweep.design import (
    MOST_INDICES,
    MOST_POINTS,
    Design,
    Point,
    checked,
    one_at_a_time,
    together,
)
from ewsim.experiments.sweep.factors import Factor, assumed_factors, value_now
from ewsim.metrics.replications import headline, replications_frame
from ewsim.metrics.sensitivity import analysis as sensitivity
from ewsim.metrics.sensitivity.record import FORMAT, Sweep
from ewsim.scenario.load import LoadedScenario, load_changed
from ewsim.version import __version__

#: Runs of the scenario as written that show luck, in a sweep of assumptions.
LUCK_RUNS = 30
#: Runs of one point that are one call.
_CALL = 10
#: Columns of the table beside figures and keys.
COLUMNS = {
    "point": "number of the variant, from 0; 0 is the scenario as written",
    "part": "base; one: one key changed; grid, lhs: all keys; a, b, ab0...: samples of the Sobol indices",
    "changed": "the key that is changed, for the part one",
    "replication": "number of the run; the same number has the same luck in every point",
}

Call = tuple[tuple[str, ...], tuple[int, ...]]


@dataclass(slots=True)
class _Shared:
    """What all points have in common; each process has its own last country."""

    parts: CheckedParts
    last: dict[tuple[str, ...], Country] = field(default_factory=dict)


def sweep(
    loaded: LoadedScenario,
    factors: Sequence[Factor],
    *,
    sets: Sequence[str] = (),
    design: Design = "one",
    samples: int = 32,
    replications: int = 1,
    figure: str = "reach_share",
    assumptions: bool = False,
    workers: int | str = 1,
    progress: Progress | None = None,
    journal: Journal | None = None,
) -> Sweep:
    """Run a scenario with other values of its keys.

    Parameters
    ----------
    loaded
        The scenario.
    factors
        What is varied; with `assumptions` every assumption is added.
    sets
        The changes `KEY=VALUE` with which it was loaded.
    design
        How keys are varied together, after one at a time.
    samples
        Points of the design.
    replications
        Runs of each point.
    figure
        The column of which the analysis is.
    assumptions
        Whether this is a sweep of what is assumed: luck is shown too.
    workers
        Processes, or the address of a dask scheduler. Changes no result.
    progress
        Called with a phase and the share that is done.
    journal
        Keeps what is finished, and has what was finished before.
    """
    say = progress or (lambda _phase, _share: None)
    stated: list[str] = []
    if assumptions:
        found, stated = assumed_factors(loaded.spec)
        factors = [*factors, *found]
    names = [factor.name for factor in factors]
    if not names:
        raise UsageError("There is nothing to vary. Give --over KEY=VALUES, or --assumptions.")
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"--over {name}: the key is given twice.")
    say("checking the points", 0.0)
    factors, left_out = _possible(factors, loaded, sets)
    points = one_at_a_time(factors, loaded)
    if design not in ("one", "sobol"):  # those of the indices follow from the first
        points += together(factors, design, samples, loaded.spec.seed)
    luck = max(replications, LUCK_RUNS if assumptions else 1)
    runs = _Runs(loaded, tuple(sets), workers, say, journal)
    if len(points) > FEW_RUNS:
        begin(workers)
    runs.prepare()
    rows = runs.rows(points, replications, luck)
    known = {factor.name: value_now(factor, loaded.spec) for factor in factors}
    table = _table(rows, known)
    if figure not in table or figure in COLUMNS or figure in known:
        figures = [name for name in rows[0][2] if not name.startswith(("cause_", "replication"))]
        raise UsageError(f"--figure: there is no figure {figure!r}. There are: {', '.join(figures)}.")
    tornado = sensitivity.tornado(table, figure, known, replications)
    chosen: list[Factor] = []
    if design == "sobol":
        best = [row["key"] for row in tornado if sensitivity.matters(row, figure)][:MOST_INDICES]
        chosen = [next(f for f in factors if f.name == key) for key in best]
        more = together(chosen, "sobol", samples, loaded.spec.seed) if chosen else []
        rows += runs.rows(more, replications, replications, first=len(points))
        table = _table(rows, known)
    indices = sensitivity.indices(table, figure, [f.name for f in chosen], loaded.spec.seed) if chosen else []
    shown = [row["key"] for row in tornado if sensitivity.matters(row, figure)][:MOST_INDICES]
    now = sensitivity.means(table[(table["point"] == 0) & (table["replication"] < replications)], figure)
    document = {
        "format": FORMAT,
        "scenario": loaded.spec.name,
        "title": loaded.spec.title,
        "arm": loaded.arm,
        "sets": list(sets),
        "seed": loaded.spec.seed,
        "version": __version__,
        "scenario_sha256": loaded.sha256,
        "assumptions": assumptions,
        "design": design,
        "samples": samples,
        "replications": replications,
        "runs": len(table),
        "figure": figure,
        "figure_words": FIGURES.get(figure, figure),
        "now": sensitivity.plain(now.iloc[0]),
        **sensitivity.bars(table, figure),
        "tornado": tornado,
        "indices": indices,
        "responses": {key: sensitivity.response(table, figure, key) for key in shown},
        "without_effect": [row["key"] for row in tornado if not sensitivity.matters(row, figure)],
        "stated_by_the_scenario": stated,
        "left_out": left_out,
        "words": {f.name: f.assumed.text for f in factors if f.assumed is not None},
        "columns": {**COLUMNS, **dict.fromkeys(known, "value of this key")},
    }
    return Sweep(document, table)


#: What figures are called in sentences.
FIGURES = {"reach_share": "the share of everyone in the area that is reached"}


def _possible(
    factors: Sequence[Factor], loaded: LoadedScenario, sets: Sequence[str]
) -> tuple[list[Factor], dict[str, str]]:
    """The factors, those of whole numbers marked, and assumptions whose range this scenario cannot take.

    Raises the faults of all keys that a user named.
    """
    found, left_out, named = [], {}, []
    for factor in factors:
        if factor.law and float(factor.numbers[0]).is_integer():
            point = Point("one", (factor,), (factor.at(0.371),))
            try:
                load_changed(loaded, [*sets, *point.sets])
            except ScenarioError as error:
                factor = replace(factor, whole_number="whole number" in str(error))
        ends = [Point("one", (factor,), (value,)) for value in factor.extremes(None)]
        if factor.assumed is None:
            named += ends
        else:
            try:
                checked(ends, loaded, sets)
            except ScenarioError as error:
                left_out[factor.name] = error.diagnostics[0].message
                continue
        found.append(factor)
    checked(named, loaded, sets)
    return found, left_out


@dataclass(slots=True)
class _Runs:
    """Runs points, each set of changes once."""

    loaded: LoadedScenario
    sets: tuple[str, ...]
    workers: int | str
    say: Progress
    journal: Journal | None
    parts: CheckedParts = field(default_factory=CheckedParts)
    finished: dict[Call, list[dict[str, Any]]] = field(default_factory=dict)
    checked: dict[tuple[str, ...], LoadedScenario] = field(default_factory=dict)

    def prepare(self) -> None:
        """Build what the scenario as written needs; all points begin from it."""
        self.say("building the country", 0.02)
        build_country(self.loaded, self.parts)

    def rows(
        self, points: Sequence[Point], replications: int, luck: int, first: int = 0
    ) -> list[tuple[int, Point, dict[str, Any]]]:
        """The figures of every run, with the point and its number.

        Parameters
        ----------
        points
            What to run.
        replications
            Runs of each.
        luck
            Runs of the scenario as written.
        first
            The number of the first point.
        """
        loaded = [replace(one, path=one.path.absolute()) for one in checked(points, self.loaded, self.sets)]
        self.checked = {point.sets: one for point, one in zip(points, loaded, strict=True)}
        if len(points) * replications > MOST_POINTS:
            raise UsageError(
                f"These are more than {MOST_POINTS:,} runs. Take fewer --samples or --replications."
            )
        calls: dict[Call, str] = {}
        of_points = []
        for point, one in zip(points, loaded, strict=True):
            count = luck if point.part == "base" else replications
            mine = [(point.sets, tuple(range(at, min(at + _CALL, count)))) for at in range(0, count, _CALL)]
            of_points.append(mine)
            calls |= {call: f"{ground_key(one)} {one.spec.population.model_dump_json()}" for call in mine}
        self._make(sorted((call for call in calls if call not in self.finished), key=lambda c: (calls[c], c)))
        return [
            (first + number, point, {"replication": r, **row})
            for number, (point, mine) in enumerate(zip(points, of_points, strict=True))
            for call in mine
            for r, row in zip(call[1], self.finished[call], strict=True)
        ]

    def _make(self, calls: list[Call]) -> None:
        names = {call: f"{' '.join(call[0])} {call[1][0]}-{call[1][-1]}" for call in calls}
        if self.journal is not None:
            kept = self.journal.finished
            self.finished |= {call: kept[name] for call, name in names.items() if name in kept}
        left = [call for call in calls if call not in self.finished]
        todo = [(call, self.checked[call[0]]) for call in left]
        shared = _Shared(self.parts)
        few = isinstance(self.workers, int) and len(left) < FEW_RUNS
        workers = 1 if few else self.workers
        for done, (number, rows) in enumerate(each_done(shared, _figures, todo, workers), start=1):
            self.finished[left[number]] = rows
            if self.journal is not None:
                self.journal.add(names[left[number]], rows)
            self.say(f"point {done} of {len(left)}", 0.05 + 0.9 * done / len(left))


def _figures(shared: _Shared, call: tuple[Call, LoadedScenario]) -> list[dict[str, Any]]:
    """The figures of some runs of one point; its scenario was checked where its files are."""
    (sets, replications), loaded = call
    if sets not in shared.last:
        shared.last.clear()
        shared.last[sets] = build_country(loaded, shared.parts)
    return [headline(pipeline.run(shared.last[sets], r).ledger) for r in replications]


def _table(rows: Sequence[tuple[int, Point, dict[str, Any]]], known: dict[str, Any]) -> pd.DataFrame:
    """One row a run: which point, the value of every key, the figures."""
    records = []
    for number, point, row in rows:
        changed = point.factors[0].name if point.part == "one" else ""
        values = dict(zip((f.name for f in point.factors), point.values, strict=True))
        keys = {name: sensitivity.plain(values.get(name, now)) for name, now in known.items()}
        head = {"point": number, "part": point.part, "changed": changed, "replication": row["replication"]}
        records.append({**head, **keys, **{k: v for k, v in row.items() if k != "replication"}})
    table = replications_frame(records)
    for name in known:
        mixed = [value for value in table[name] if isinstance(value, str)]
        if mixed:
            table[name] = [None if value is None else str(value) for value in table[name]]
    return table
