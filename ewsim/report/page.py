"""The report: one HTML file that opens, reads and prints without a network."""

from __future__ import annotations

from pathlib import Path

from ewsim.metrics import words
from ewsim.metrics.reach import GROUPS, SMALLEST_GROUP
from ewsim.report import templating
from ewsim.report.maps import hazard
from ewsim.report.maps import run as maps
from ewsim.report.sections import causes, groups, infrastructure, latency, protection, reach, run
from ewsim.result.record import Result


def write(result: Result, path: Path | str) -> None:
    """Write a result's report into one HTML file that needs no other."""
    templating.write_page(path, render(result))


def render(result: Result) -> str:
    """The report as HTML; the same result gives the same text."""
    summary = result.summary()
    by_group = {name: result.by_group(name) for name in GROUPS}
    return templating.render(
        "report.html",
        result=result,
        summary=summary,
        title=result.scenario.title or result.identity.name,
        sent=run.sent(result.alert.sent),
        answer=[words.unbroken(line) for line in words.answer(summary, result.horizon_s)],
        figures=words.key_figures(summary, result.horizon_s),
        advice=run.advice(result),
        reach_svg=reach.figure(result),
        reach_tables=[reach.times_table(result), reach.reach_table(result), *reach.channel_tables(result)],
        replications_table=run.replications_table(summary),
        causes_svg=causes.figure(result) if summary["causes"] else None,
        causes_table=causes.causes_table(summary),
        maps_svg=maps.maps_figure(result),
        maps_text=maps.describe(result),
        places_tables=[run.zones_table(result), run.fit_table(summary)],
        groups_svg=groups.figure(result, by_group) if summary["in_area"] else None,
        groups_tables=[groups.group_table(n, t) for n, t in by_group.items() if len(t)],
        protection_tables=protection.tables_of(summary),
        languages_table=groups.languages_table(summary),
        not_modelled=groups.in_words(result.not_modelled),
        smallest_group=SMALLEST_GROUP,
        latency_svg=latency.figure(result) if summary["reach"]["people"] else None,
        latency_table=latency.latency_table(result),
        hazard_story=infrastructure.hazard_story(result),
        hazard_svg=hazard.figure(result),
        cells_svg=infrastructure.figure(result),
        network_table=infrastructure.network_table(result),
        roots_table=infrastructure.roots_table(result),
        timeline_table=infrastructure.timeline_table(result),
        assumptions_table=run.assumptions_table(result),
        message=run.message(result),
        duration=words.duration,
        css=templating.asset("report.css"),
    )
