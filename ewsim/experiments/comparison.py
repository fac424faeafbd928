"""Runs beside each other: the arms of one scenario, or finished runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ewsim import pipeline
from ewsim.country.build import CheckedParts, Country, build_country
from ewsim.errors import InputError, ScenarioError, UsageError, expect
from ewsim.experiments.replications import Progress, each_run
from ewsim.metrics.comparison.pairs import Short, headline_rows, paired_row, short_of
from ewsim.metrics.comparison.record import Beside, Comparison, beside, compared
from ewsim.metrics.comparison.runs import ComparedRun, counted, differences_of_people
from ewsim.metrics.comparison.verdict import AS_WRITTEN
from ewsim.result.record import Result
from ewsim.scenario.load import LoadedScenario, load_arms, load_scenario
from ewsim.version import __version__

#: More finished runs than this make no page that can be read.
MOST_RUNS = 6


#: Called with a country that has run, and its run.
Look = Callable[[Country, pipeline.Finished], None]


def _look_away(country: Country, run: pipeline.Finished) -> None:
    """Nobody asks for more than the comparison."""


def compare_arms(
    path: Path | str,
    arms: Sequence[str] = (),
    *,
    against: str | None = None,
    ifs: Sequence[str] = (),
    sets: Sequence[str] = (),
    replications: int = 1,
    workers: int | str = 1,
    progress: Progress | None = None,
) -> Comparison:
    """The arms of a scenario beside the scenario as written, with the same people, faults and luck.

    Parameters
    ----------
    path
        The scenario file.
    arms
        The arms; empty for all. Of all arms those with other people are left out, with a note.
    against
        The arm that the others are held against; None: the scenario as written.
    ifs
        Changes `KEY=VALUE`, each of which makes an arm; with some, arms must be named.
    sets
        Changes `KEY=VALUE` of every arm.
    replications
        How many pairs of runs with their own faults and luck.
    workers
        Processes for replications, or the address of a dask scheduler. Changes no result.
    progress
        Called with a phase and the share that is done.
    """
    every = {loaded.arm or AS_WRITTEN: loaded for loaded in load_arms(path, sets)}
    for name in {*arms, *([against] if against else [])} - every.keys():
        load_scenario(path, sets, arm=name)  # says which arms there are
    first = against or AS_WRITTEN
    wanted = [every[name] for name in (arms or ([] if ifs else every)) if name != first]
    wanted += [_changed(path, sets, change, every[first]) for change in ifs]
    if not wanted and arms:
        raise UsageError(f"{path}: {first} cannot be held against itself. Name another arm.")
    if not wanted:
        raise UsageError(f"{path}: there is no arm to compare. Write arms, or give --if KEY=VALUE.")
    return compare_variants(
        every[first],
        wanted,
        strict=bool(arms or ifs),
        replications=replications,
        workers=workers,
        progress=progress,
    )


def _changed(path: Path | str, sets: Sequence[str], change: str, first: LoadedScenario) -> LoadedScenario:
    """The first with a change that is given as `--if`, which is its name."""
    at = f"--if {change}"
    try:
        loaded = load_scenario(path, [*sets, change], first.arm)
    except ScenarioError as error:
        found = error.diagnostics
        raise ScenarioError(
            replace(d, file=at) if d.file == f"--set {change}" else d for d in found
        ) from None
    if loaded.spec.model_dump_json() == first.spec.model_dump_json():
        raise ScenarioError.at(at, "it changes nothing.", "Write another key or value.")
    return replace(loaded, arm=change)


def compare_variants(
    first: LoadedScenario,
    others: Sequence[LoadedScenario],
    *,
    strict: bool = True,
    titles: Mapping[str, str] | None = None,
    parts: CheckedParts | None = None,
    look: Look = _look_away,
    replications: int = 1,
    workers: int | str = 1,
    progress: Progress | None = None,
) -> Comparison:
    """Variants of a scenario beside the first; what they have in common is built once.

    Parameters
    ----------
    first
        What the others are held against.
    others
        The others, each with a name of its own as arm.
    strict
        Whether variants that cannot run, or have other people, are refused or left out with a note.
    titles
        What variants are in words, by their names; absent: the titles of arms.
    parts
        What was made for the first before.
    look
        Called with each country and its run.
    replications
        How many pairs of runs.
    workers
        Processes for replications, or the address of a dask scheduler.
    progress
        Called with a phase and the share that is done.
    """
    say = progress or (lambda _phase, _share: None)
    parts, notes = CheckedParts() if parts is None else parts, []
    say("running the first", 0.0)
    country = build_country(first, parts)
    base = _run_of(country, titles, look)
    luck = _luck(country, base, replications, workers)
    made: list[Beside] = []
    for number, variant in enumerate(others):
        say(f"running {variant.arm}", (1 + number) / (1 + len(others)))
        try:
            country = build_country(variant, parts)
            run = _run_of(country, titles, look)
        except InputError as error:
            if strict:
                raise
            notes.append(f"{variant.arm} is left out: {error.diagnostics[0].message}")
            continue
        if not strict and (why := differences_of_people(base, run)):
            notes.append(f"{run.name} is left out: {why}.")
            continue
        theirs = zip(luck, _luck(country, base, replications, workers), strict=True)
        weight = counted(base)[1][counted(base)[0]]
        made.append(beside(base, run, [paired_row(one, other, weight) for one, other in theirs]))
    return compared(base, made, notes)


def _run_of(country: Country, titles: Mapping[str, str] | None, look: Look) -> ComparedRun:
    loaded = country.loaded
    finished = pipeline.run(country)
    look(country, finished)
    title = _title(loaded) if titles is None else titles.get(loaded.arm or "", "")
    return compared_run(country, finished, loaded.arm or AS_WRITTEN, title)


def compared_run(
    country: Country, finished: pipeline.Finished, name: str = "", title: str = ""
) -> ComparedRun:
    """A run of a country as a comparison takes it.

    Parameters
    ----------
    country
        The country.
    finished
        Its run.
    name, title
        What the comparison calls it.
    """
    loaded = country.loaded
    return ComparedRun(
        name=name,
        title=title,
        ledger=finished.ledger,
        scenario=loaded.spec.model_dump(mode="json"),
        seed=loaded.spec.seed,
        version=__version__,
        sha256=loaded.sha256,
        not_modelled=country.population.not_modelled,
    )


def _title(loaded: LoadedScenario) -> str:
    """An arm's own title; the scenario's would be that of all."""
    if loaded.arm is None:
        return ""
    own = loaded.spec.arms.get(loaded.arm, {}).get("title")
    return str(own or "")


def _luck(country: Country, base: ComparedRun, replications: int, workers: int | str) -> list[Short]:
    """Every replication of a country, in order, of two or more."""
    if replications == 1:
        return []
    inside, weight = counted(base)
    found = dict(
        each_run(country, range(replications), workers, partial(short_of, inside=inside, weight=weight))
    )
    return [found[number] for number in range(replications)]


# --- finished runs --------------------------------------------------------------------------------


def compare(first: Result | Path | str, *others: Result | Path | str) -> Comparison:
    """Finished runs beside the first: results, or folders that `ewsim run -o` wrote.

    Parameters
    ----------
    first
        The run that the others are held against.
    others
        One to five others of the same people.

    Raises
    ------
    DataError
        A folder is no whole result, or the runs are of different people, seeds or versions.

    Examples
    --------
    >>> from ewsim.experiments.replications import run_scenario
    >>> small = {"population.people_count": 500, "horizon_s": "10min"}
    >>> run = run_scenario("scenarios/island_cyclone.yaml", set=small)
    >>> compare(run, run).document["pairs"][0]["net_people"]
    0
    """
    if isinstance(first, list | tuple):
        raise TypeError("compare takes runs one after another: compare(first, second)")
    if not 1 <= len(others) < MOST_RUNS:
        raise UsageError(f"Compare 2 to {MOST_RUNS} runs, not {1 + len(others)}.")
    base = _finished(first, 0)
    made = []
    for number, other in enumerate(others, start=1):
        run = _finished(other, number)
        made.append(beside(base, run, _headlines(base, run)))
    return compared(base, made)


def _finished(run: Result | Path | str, number: int) -> ComparedRun:
    expect(run, Result | Path | str, "compare takes results or folders of results")
    result = run if isinstance(run, Result) else Result.load(run)
    own = result.identity
    name = f"run {number + 1}" if isinstance(run, Result) else str(run)
    return ComparedRun(
        name=f"{name} ({own.arm})" if own.arm else name,
        title="",
        ledger=result.ledger,
        scenario=result.scenario.model_dump(mode="json"),
        seed=own.seed,
        version=own.version,
        sha256=own.scenario_sha256,
        not_modelled=result.not_modelled,
        replications=result.replications,
    )


def _headlines(first: ComparedRun, run: ComparedRun) -> Sequence[dict[str, object]]:
    """Paired differences of finished runs with as many replications."""
    one, other = first.replications, run.replications
    if one is None or other is None or len(one) != len(other):
        return ()
    inside, weight = counted(first)
    return [dict(row) for row in headline_rows(one, other, int(weight[inside].sum()))]
