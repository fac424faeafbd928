"""The replay: one HTML file with a map and a slider over time that a trainer can show offline."""

import json
import re
from bisect import bisect_left
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from ewsim.errors import UsageError
from ewsim.metrics import words
from ewsim.report import templating
from ewsim.report.replay.scene import Int64Array, Milestone, backdrop_of, make_scene, milestones, moments
from ewsim.report.speech import ENGLISH, Speech
from ewsim.result.record import Result
from ewsim.units import US

#: What makes a script a module.
_MODULES = re.compile(r"^import [^;]*;\n|^export ", re.MULTILINE)
#: Texts in a script.
_WORDS = re.compile(r'\bwords\(("(?:[^"\\]|\\.)*")')
#: Hours that may be named under the slider.
_HOURS = (1, 2, 3, 4, 6, 9, 12, 18, 24, 36, 48, 72, 120, 168)

#: Part of the slider that the words of a time take [percent].
_ROOM = 7.5


def write(result: Result, path: Path | str) -> None:
    """Write a result's replay into one HTML file that needs no other."""
    templating.write_page(path, render(result))


def render(result: Result, times_us: Int64Array | None = None, say: Speech = ENGLISH) -> str:
    """The replay as HTML; the same result gives the same text.

    Parameters
    ----------
    result
        A run.
    times_us
        The moments of the slider [us], ascending, shape (moments,); by default those where much happens.
    say
        The language.
    """
    marks = milestones(result)
    times_us = moments(result, marks) if times_us is None else times_us
    film = make_scene(result, marks, times_us, backdrop_of(result, say))
    film["map"]["said"] = say("{n} km", n=f"{film['map']['bar']:g}")
    film["masts"]["whys"] = list(map(say.again, film["masts"]["whys"]))
    summary = result.summary()
    map_script = _MODULES.sub("", _asset("map_signs.js") + _asset("map.js"))
    script = f'"use strict";\n(() => {{\n{map_script}{_asset("replay.js")}}})();\n'
    return templating.render(
        "replay.html",
        say=say,
        result=result,
        title=result.scenario.title or result.identity.name,
        summary=summary,
        film=film,
        film_json=templating.as_json({**film, **_in_script(script, say)}),
        last=len(film["time_s"]) - 1,
        channels=[(n, say(words.CHANNELS.get(n, n))) for n in result.ledger.outcomes],
        others=[(say.again(n), say.percent(of["share"])) for n, of in words.others(summary["reach"])],
        curve=_curve(film["counts"]["reached"]["any"], film["whole"]),
        ticks=[(place, say.again(text)) for place, text in _ticks(film["time_s"])],
        milestones=_milestones(marks, film, say),
        causes=[(say(words.CAUSES[c]), n) for c, n in summary["causes"].items()],
        css=templating.asset("replay.css"),
        script=Markup(script),  # noqa: S704 - files of the package
        script_hash=templating.script_hash(script),
    )


def render_pair(first: Result, second: Result, say: Speech = ENGLISH) -> str:
    """Two runs beside each other with one slider, as one HTML file; each keeps its own counts.

    Parameters
    ----------
    first, second
        Two runs.
    say
        The language.

    Raises
    ------
    UsageError
        The runs simulate different times.
    """
    runs = (first, second)
    if first.horizon_s != second.horizon_s:
        ends = " and ".join(words.duration(run.horizon_s) for run in runs)
        raise UsageError(f"These runs simulate different times: {ends}. Choose runs with the same horizon_s.")
    marks = [milestones(run) for run in runs]
    times_us = np.union1d(*(moments(run, of) for run, of in zip(runs, marks, strict=True)))
    films = [render(run, times_us, say) for run in runs]
    inner = re.search(r"script-src '([^']+)'", films[0])
    script = _asset("replay_pair.js")
    names = [run.identity.arm or run.scenario.title or run.identity.name for run in runs]
    found = {(int(np.searchsorted(times_us, m.time_us)), m.text) for of in marks for m in of}
    clocks = [clock(float(t)) for t in times_us / US]
    film = {"clocks": clocks, "milestones": sorted({m for m, _ in found}), **_in_script(script, say)}
    return templating.render(
        "replay_pair.html",
        say=say,
        title=first.scenario.title or first.identity.name,
        films=list(zip(names, films, strict=True)),
        times=clocks,
        milestones=[{"moment": m, "time": clocks[m], "text": say.again(text)} for m, text in sorted(found)],
        film_json=templating.as_json(film),
        css=templating.asset("replay.css"),
        script=Markup(script),  # noqa: S704 - a file of the package
        script_hash=Markup("' '").join([templating.script_hash(script), inner[1] if inner else ""]),
    )


def _in_script(script: str, say: Speech) -> dict[str, Any]:
    """What a script says, by the English text in its calls of `words`, and the signs of its numbers."""
    texts = map(json.loads, _WORDS.findall(script))
    return {"words": {text: say(text) for text in texts}, "signs": say.signs()}


def _asset(name: str) -> str:
    return str(templating.asset(name))


def _curve(people: list[int], whole: int) -> str:
    """Reach over the slider's moments as a path in a box of 1000 by 100."""
    last = max(len(people) - 1, 1)
    high = 100 / max(whole, 1)
    points = [f"{i * 1000 / last:.1f},{100 - n * high:.2f}" for i, n in enumerate(people)]
    return "M" + "L".join(points)


def _ticks(times_s: list[float]) -> list[tuple[str, str]]:
    """Times under the slider: place in percent, and words; both ends, and round ones between."""
    minutes = (1, 2, 5, 10, 15, 20, 30, 45)
    marks = [0.0, 10.0, 30.0, *(60.0 * m for m in minutes), *(3600.0 * h for h in _HOURS)]
    last = max(len(times_s) - 1, 1)
    chosen = [("0", _tick(times_s[0]))]
    free_from = _ROOM
    for mark in marks:
        place = bisect_left(times_s, mark) / last * 100
        if times_s[0] < mark < times_s[-1] and free_from <= place <= 100 - _ROOM:
            chosen.append((f"{place:.2f}", _tick(mark)))
            free_from = place + _ROOM
    return [*chosen, ("100", _tick(times_s[-1]))]


def _tick(time_s: float) -> str:
    size = abs(time_s)
    minutes = f"{size / 60:.3g} min" if size < 3600 else f"{size / 3600:.3g} h"
    text = f"{size:.3g} s" if size < 60 else minutes
    return ("\u2212" if time_s < 0 else "") + (text if time_s else "0")


def _milestones(marks: list[Milestone], film: Mapping[str, Any], say: Speech) -> list[dict[str, Any]]:
    """The table of milestones: where on the slider, when, what, and how many were reached then."""
    counts = film["counts"]
    return [
        {
            "moment": moment,
            "text": say.again(mark.text),
            "time": clock(mark.time_us / US),
            "reached": counts["reached"]["any"][moment],
            "serving": counts["serving"][moment],
        }
        for mark, moment in zip(marks, film["milestones"], strict=True)
    ]


def clock(time_s: float) -> str:
    """A moment as hours, minutes, seconds and tenths since the decision."""
    tenths = round(abs(time_s) * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    sign = "\u2212" if time_s < 0 else ""
    return f"{sign}{hours}:{minutes:02}:{tenths // 10:02}.{tenths % 10}"
