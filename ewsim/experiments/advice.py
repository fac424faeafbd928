"""What would help: measures run as arms of a scenario, with the same people, faults and luck."""

import difflib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ewsim import pipeline
from ewsim.country.build import CheckedParts, Country, build_country
from ewsim.errors import InputError, UsageError
from ewsim.experiments.comparison import compare_variants
from ewsim.experiments.measures import BaseRun, Measure, measures_for, preferred_cell, without_power
from ewsim.experiments.optimise.plan import optimise
from ewsim.experiments.optimise.request import PlanRequest
from ewsim.experiments.replications import Progress, each_run
from ewsim.kinds import outages
from ewsim.metrics.comparison.advice import FORMAT, Advice, ranked
from ewsim.metrics.denominators import readers as readers_of
from ewsim.pipeline import Finished
from ewsim.scenario.load import LoadedScenario, load_scenario

#: Pairs of runs that `ewsim run --advise` makes of each measure at most.
ENOUGH = 10
#: Units that the measure `deployable_cells` brings.
BROUGHT = 5


def advise(
    path: Path | str,
    *,
    arm: str | None = None,
    sets: Sequence[str] = (),
    costs: Mapping[str, float] | None = None,
    only: Sequence[str] = (),
    replications: int = 1,
    workers: int | str = 1,
    progress: Progress | None = None,
) -> Advice:
    """Try every measure on a scenario and rank them by the people they win.

    Parameters
    ----------
    path
        The scenario file.
    arm
        Its arm to begin from.
    sets
        Changes `KEY=VALUE` to begin from.
    costs
        What measures cost, by name, in any unit [any]. Without one no cost is assumed.
    only
        The names of measures to try; empty for all.
    replications
        How many pairs of runs for each measure.
    workers
        Processes for replications, or the address of a dask scheduler. Changes no result.
    progress
        Called with a phase and the share that is done.

    Raises
    ------
    UsageError
        A cost or a name is of no measure.
    """
    first = load_scenario(path, sets, arm)
    parts = CheckedParts()
    country = build_country(first, parts)
    finished = pipeline.run(country)
    base = BaseRun(
        country,
        finished.ledger,
        pipeline.languages_of(country, finished),
        _dark_sites(country, finished, replications, workers),
    )
    wanted = not only or "deployable_cells" in only
    found = [*measures_for(base), _brought(path, base if wanted else None, parts, sets, arm)]
    _check_names([*(costs or {}), *only], [measure.name for measure in found])
    tried, others = [], []
    for measure in found:
        variant = None if measure.reason else _variant(path, [*sets, *measure.sets], arm, measure)
        if isinstance(variant, LoadedScenario):
            if not only or measure.name in only:
                tried.append((measure, variant))
        else:
            others.append(replace(measure, reason=measure.reason or str(variant)))
    readers: dict[str, int | None] = {}

    def look(of: Country, run: Finished) -> None:
        known = pipeline.languages_of(of, run) is not None
        sent = {made.channel.name: tuple(made.languages) for made in run.channels}
        readers[of.loaded.arm or ""] = readers_of(run.ledger, sent) if known else None

    comparison = compare_variants(
        replace(first, arm=None),
        [variant for _, variant in tried],
        titles={measure.name: measure.words for measure, _ in tried},
        strict=False,
        parts=parts,
        look=look,
        replications=replications,
        workers=workers,
        progress=progress,
    )
    parted = (note.partition(" is left out: ") for note in comparison.document["notes"])
    left_out = {name: reason for name, _, reason in parted}
    others += [replace(m, reason=left_out[m.name]) for m, _ in tried if m.name in left_out]
    rows = ranked(comparison.document, costs or {})
    sets_of = {measure.name: list(measure.sets) for measure, _ in tried}
    for row in rows:
        now, before = readers[row["name"]], readers[""]
        row["net_readers"] = None if now is None or before is None else now - before
        row["sets"] = sets_of[row["name"]]
    document = {
        "format": FORMAT,
        **{key: comparison.document[key] for key in ("scenario", "title", "seed", "version", "in_area")},
        "arm": arm,
        "reach": comparison.document["runs"][0]["reach"],
        "replications": replications,
        "measures": rows,
        "not_tried": [{"name": m.name, "words": m.words, "reason": m.reason} for m in others],
    }
    return Advice(document)


def _brought(
    path: Path | str, base: BaseRun | None, parts: CheckedParts, sets: Sequence[str], arm: str | None
) -> Measure:
    """Cells on light trucks where they warn most people (`ewsim optimise`); without a run only its name."""
    name, words = "deployable_cells", f"{BROUGHT} cells on light trucks where masts are down"
    if base is None:
        return Measure(name, words)
    if not base.missed(*(cause for cause in outages().values()), "no_coverage"):
        return Measure(name, words, reason="Nobody is missed because there is no mast that works.")
    asked = PlanRequest(count=BROUGHT, goal="people", check=False)
    arm_of = optimise(path, asked, arm=arm, sets=sets, parts=parts).plan
    if not arm_of.document["choices"]:
        return Measure(name, words, reason="None would serve in time to warn anybody: set-up takes 1 h.")
    places = ", ".join(f"{row['lat']:.3f}, {row['lon']:.3f}" for row in arm_of.document["choices"])
    changes = (f"disturbances={json.dumps(arm_of.arm['disturbances'])}",)
    return Measure(name, f"{words}, set out at the decision: {places}", changes)


def _dark_sites(
    country: Country, finished: Finished, replications: int, workers: int | str
) -> dict[str, int]:
    """People missed for want of power, by site, over all replications."""
    measure = partial(without_power, cell=preferred_cell(country))
    found = Counter(measure(finished.ledger))
    for _, one in each_run(country, range(1, replications), workers, measure):
        found.update(one)
    return dict(found)


def _variant(
    path: Path | str, sets: Sequence[str], arm: str | None, measure: Measure
) -> LoadedScenario | str:
    """The scenario with a measure, or why it makes none."""
    try:
        return replace(load_scenario(path, sets, arm), arm=measure.name)
    except InputError as error:
        return error.diagnostics[0].message


def _check_names(named: Sequence[str], have: Sequence[str]) -> None:
    for name in named:
        if name not in have:
            near = difflib.get_close_matches(name, have, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(have)}."
            raise UsageError(f"There is no measure {name!r}. {hint}")
