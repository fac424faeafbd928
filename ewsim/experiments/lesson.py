"""An exercise from a scenario: its run, and a run of each wrong message that people may choose."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ewsim import pipeline
from ewsim.cap.reader import read_source
from ewsim.cap.tools.slips import slipped
from ewsim.country.build import CheckedParts, Country, build_country
from ewsim.errors import InputError
from ewsim.experiments.replications import Progress
from ewsim.metrics.denominators import readers
from ewsim.metrics.reach import weights
from ewsim.report.cap.exercise import choose
from ewsim.report.exercise.record import Effect, Lesson, LessonFile
from ewsim.scenario.load import load_scenario
from ewsim.streams import Streams
from ewsim.units import NEVER

T = TypeVar("T")


def make_lesson(
    path: Path | str,
    *,
    arm: str | None = None,
    sets: Sequence[str] = (),
    count: int = 5,
    seed: int = 1,
    progress: Progress | None = None,
) -> Lesson:
    """Run a scenario with its own message and with wrong ones.

    Half of the wrong files or more have slips: they can be read, and reach other people or nobody. The
    rest have faults that a validator finds.

    Parameters
    ----------
    path
        The scenario file.
    arm
        Its arm.
    sets
        Changes `KEY=VALUE`.
    count
        The number of wrong files.
    seed
        Decides which, and their order.
    progress
        Called with a phase and the share that is done.

    Raises
    ------
    CapError
        The scenario's own message has errors.
    """
    say = progress or (lambda _phase, _share: None)
    say("running the right message", 0.0)
    parts, loaded = CheckedParts(), load_scenario(path, sets, arm)
    country = build_country(loaded, parts)
    finished = pipeline.run(country)
    result = pipeline.result_of(country, finished)
    file = loaded.resolve(loaded.spec.alert.path)
    source = read_source(file)
    good, _ = choose(source, str(file), count=0, seed=seed)
    slips = _shuffled("exercise slips", slipped(good), seed)[: (count + 1) // 2]
    _, planted = choose(source, str(file), count=count - len(slips), seed=seed)
    wrong = [LessonFile(text, slip.title, slip.effect) for slip, text in slips]
    wrong += [LessonFile(p.text, p.fault.title, p.fault.effect, p.findings) for p in planted]
    made = [LessonFile(good, effect=_seen(country, finished, country.in_area))]
    with tempfile.TemporaryDirectory(prefix="ewsim-exercise-") as folder:
        for number, one in enumerate(wrong, 1):
            say(f"running wrong message {number}", number / (1 + len(wrong)))
            place = Path(folder, f"alert_{number}.xml")
            place.write_text(one.text, encoding="utf-8")
            change = f"alert.path={json.dumps(str(place))}"
            try:
                other = build_country(load_scenario(path, [*sets, change], arm), parts)
                effect = _seen(other, pipeline.run(other), country.in_area)
            except InputError as error:
                effect = Effect(refused=error.diagnostics[0].message)
            made.append(replace(one, effect=effect))
    return Lesson(result, tuple(_shuffled("exercise order", made, seed)), seed)


def _seen(country: Country, run: pipeline.Finished, intended: NDArray[np.bool_]) -> Effect:
    """How many people see a message: of those for whom the right one is, and of all others."""
    ledger = replace(run.ledger, people=run.ledger.people.assign(in_area=intended))
    seen = np.where(ledger.reached_us < NEVER, weights(ledger), 0)
    sent = {made.channel.name: tuple(made.languages) for made in run.channels}
    known = pipeline.languages_of(country, run) is not None
    return Effect(
        reached=int(seen[intended].sum()),
        outside=int(seen[~intended].sum()),
        readers=readers(ledger, sent) if known else None,
    )


def _shuffled(purpose: str, items: Sequence[T], seed: int) -> list[T]:
    order = np.argsort(Streams(seed).uniform(purpose, np.arange(len(items))))
    return [items[int(n)] for n in order]
