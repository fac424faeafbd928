"""The report: one HTML file that opens, reads and prints without a network. A brief first, then the annex."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ewsim.errors import expect
from ewsim.metrics.reach import GROUPS, SMALLEST_GROUP
from ewsim.metrics.sensitivity.record import most_uncertain
from ewsim.report import templating
from ewsim.report.brief.page import make_brief
from ewsim.report.maps import hazard
from ewsim.report.maps import run as maps
from ewsim.report.sections import (
    causes,
    connectivity,
    groups,
    infrastructure,
    latency,
    protection,
    reach,
    run,
)
from ewsim.report.speech import ENGLISH, Speech
from ewsim.report.table import PageTable, put_into, said
from ewsim.result.record import Result

#: The sections after the brief, by their ids.
_HEADINGS = {
    "reading": "How to read this report",
    "reach": "Who was reached, and when",
    "causes": "Why people were missed",
    "advice": "What would help: all measures tried",
    "groups": "Who is left behind",
    "protection": "How well people were protected",
    "places": "The network at the end, and the fit to the area",
    "latency": "How long it took",
    "hazard": "What the hazard did",
    "false": "What was false",
    "timeline": "What the infrastructure did",
    "message": "The message",
    "identity": "This run",
    "assumptions": "Assumptions of this run",
}
_READING = (
    "Time 0 is the authority's decision to warn. Every delay after it counts, also the authority's own.",
    "Reached means that a phone has shown the alert. The person may not have noticed or understood it.",
    "In the area means where a person is at the decision.",
    "Not in a time means that reach stayed below this share for the whole simulated time. It is a result.",
    "Numbers in sentences are rounded to about two digits; the tables of the annex have all digits.",
    "This is a model: trust differences between runs of the same people and chance more than single numbers.",
)


def write(result: Result, path: Path | str) -> None:
    """Write a result's report into one HTML file that needs no other."""
    templating.write_page(path, render(result))


def render(result: Result, say: Speech = ENGLISH) -> str:
    """The report as HTML; the same result gives the same text."""
    expect(result, Result, "a report takes a Result")
    summary = result.summary()
    by_group = {name: result.by_group(name) for name in GROUPS}
    story, picture = infrastructure.hazard_story(result), hazard.figure(result, say)
    there = {
        "advice": result.advice is not None,
        "protection": summary["in_area"],
        "hazard": bool(story or picture),
        "false": "false_alerts" in summary,
    }
    headings = {name: say(text) for name, text in _HEADINGS.items() if there.get(name, True)}
    return templating.render(
        "report.html",
        say=say,
        result=result,
        summary=summary,
        title=result.scenario.title or result.identity.name,
        sent=_sent(result.alert.sent, say),
        brief=make_brief(result, say),
        contents=[("answer", say("The answer")), ("who", say("Who, why and where")), *headings.items()],
        headings=headings,
        reading=[say(line) for line in _READING],
        **_annex(result, summary, by_group, say),
        hazard_story=[(say.again(when), say.again(what)) for when, what in story],
        hazard_svg=picture,
        false_svg=hazard.false_figure(result, say),
        smallest_group=SMALLEST_GROUP,
        css=templating.asset("report.css"),
    )


def _annex(
    result: Result, summary: Mapping[str, Any], by_group: dict[str, Any], say: Speech
) -> dict[str, Any]:
    """The figures and tables of the annex."""
    advised, signal = run.advice(result), connectivity.section(result, say)
    tables: dict[str, Sequence[PageTable | None]] = {
        "advice": [advised[1]] if advised else [],
        "reach": [reach.reach_table(result), *reach.channel_tables(result), run.replications_table(summary)],
        "causes": [causes.causes_table(summary)],
        "places": [run.fit_table(summary)],
        "groups": [groups.groups_table(by_group)],
        "languages": [groups.languages_table(summary)],
        "protection": protection.tables_of(summary),
        "latency": [latency.latency_table(result)],
        "false": [protection.false_table(summary)],
        "connectivity": [signal["table"]] if signal else [],
        "roots": [infrastructure.roots_table(result)],
        "assumptions": [run.assumptions_table(result, say)],
        "timeline": [infrastructure.network_table(result), infrastructure.timeline_table(result)],
    }
    return {
        "tables": {name: [put_into(say, t) for t in found if t] for name, found in tables.items()},
        "advice_lines": [say.again(line) for line in advised[0]] if advised else [],
        "not_tried": Markup("; ").join(
            Markup("{} ({})").format(said(row["words"], say), said(row["reason"].rstrip("."), say))
            for row in advised[2]
        )
        if advised
        else "",
        "notes": [said(note, say) for note in result.notes],
        "causes_svg": causes.figure(result, say) if summary["causes"] else None,
        "maps_svg": maps.network_map(result, say),
        "maps_text": [say.again(line) for line in maps.describe(result)],
        "groups_svg": groups.figure(result, by_group, say) if summary["in_area"] else None,
        "languages_known": summary.get("not_reading") is not None,
        "not_modelled": say.again(groups.in_words(result.not_modelled)),
        "latency_svg": latency.figure(result, say) if summary["reach"]["people"] else None,
        "cells_svg": infrastructure.figure(result, say),
        "connectivity": signal,
        "most_uncertain": [] if result.sweep is None else map(say.again, most_uncertain(result.sweep)),
        "message": [(say.again(name), value) for name, value in run.message(result)],
    }


def _sent(time: str, say: Speech) -> str:
    """A time of a message for people: "14 September 2026, 12:00 UTC-03:00"."""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return time
    return f"{say.moment(moment)} {moment:%Z}".strip()
