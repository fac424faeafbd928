"""Files to take away, made of one version of the work: each is what the command line writes of it."""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ewsim import pipeline
from ewsim.country.build import build_country
from ewsim.experiments.lesson import make_lesson
from ewsim.experiments.replications import Progress
from ewsim.report import exercise, page, plots
from ewsim.report.replay import page as replay
from ewsim.report.speech import speech_of
from ewsim.result.record import Result
from ewsim.scenario.load import load_scenario
from ewsim.studio.offers import Offered
from ewsim.studio.work import Version

#: Dots an inch of pictures for slides [1/inch].
_DOTS = 200
_ZIP, _HTML = "application/zip", "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is taken away: a version, the name of its files, the language of texts, who hears of progress."""

    version: Version
    name: str
    language: str = "en"
    progress: Progress | None = None


def scenario(wanted: Wanted) -> Offered:
    """The scenario with the files that it names, as `ewsim run` reads them, in one archive."""
    return _archive(wanted.name, {f"{wanted.name}/{n}": c for n, c in wanted.version.contents().items()})


def report(wanted: Wanted) -> Offered:
    """The report of its run."""
    text = page.render(_result(wanted), speech_of(wanted.language))
    return Offered(f"{wanted.name}_report.html", text.encode(), _HTML)


def played(wanted: Wanted) -> Offered:
    """The replay of its run."""
    text = replay.render(_result(wanted))
    return Offered(f"{wanted.name}_replay.html", text.encode(), _HTML)


def pictures(wanted: Wanted) -> Offered:
    """The map and the curve of its run, as PNG for slides and as SVG for print."""
    result, made = _result(wanted), {}
    for name, draw in {"map": plots.plot_map, "reach": plots.plot_reach}.items():
        figure = draw(result, wanted.language)
        for form in ("png", "svg"):
            drawn = io.BytesIO()
            figure.savefig(drawn, format=form, dpi=_DOTS)
            made[f"{wanted.name}_{name}.{form}"] = drawn.getvalue()
    return _archive(f"{wanted.name}_pictures", made)


def pack(wanted: Wanted) -> Offered:
    """An exercise: `staff` with the answers, `participants` without."""
    with wanted.version.written() as path:
        lesson = make_lesson(path, progress=wanted.progress)
    return _archive(f"{wanted.name}_exercise", exercise.files(lesson, speech_of(wanted.language)))


#: What can be taken away, by the name that the page gives it.
MAKERS: Mapping[str, Callable[[Wanted], Offered]] = {
    "scenario": scenario,
    "report": report,
    "replay": played,
    "pictures": pictures,
    "exercise": pack,
}


def _result(wanted: Wanted) -> Result:
    """The result that `ewsim run` has of the version."""
    with wanted.version.written() as path:
        country = build_country(load_scenario(path))
        return pipeline.result_of(country, pipeline.run(country))


def _archive(name: str, files: Mapping[str, bytes]) -> Offered:
    """Files in one archive, with the same bytes whenever it is made."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
    return Offered(f"{name}.zip", made.getvalue(), _ZIP)
