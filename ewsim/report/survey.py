"""The page of a survey laid over a run: what people said, and what the run gives for the same people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ewsim.metrics.words import percent
from ewsim.report import style, templating
from ewsim.report.table import PageTable, make_table, share_text
from ewsim.result.record import Result

_OF = {
    "owners": "people with a phone",
    "everybody": "everybody",
    "of_phone_age": "people old enough for a phone",
}
#: Rows in the figure; a longer survey has the rest in its table.
_ROWS = 40


def answer(survey: Mapping[str, Any]) -> list[str]:
    """How far the run is from the survey, in sentences."""
    found, of = survey["all"], _OF[survey["of"]]
    if not found["count"]:
        return ["The run has nobody of these groups in the alert area. There is nothing to compare."]
    side = "more" if found["mean_difference"] > 0 else "fewer"
    points, off = (abs(found[key]) * 100 for key in ("mean_difference", "mean_absolute_difference"))
    both = (
        f"got the alert. The run reaches {percent(found['simulated'])} of {of} in the same places and groups."
    )
    inside = f"in {found['inside_count']} of {found['count']} rows."
    return [
        f"Of {found['asked']:,} people asked, {percent(found['share'])} {both}",
        f"The run has {side}, by {points:.1f} points; a row is off by {off:.1f} points on average.",
        f"The run lies inside the survey's interval {inside}",
    ]


def render(result: Result, survey: Mapping[str, Any]) -> str:
    """The page: answer, figure, table."""
    return templating.render(
        "survey.html",
        title=result.scenario.title or result.identity.name,
        identity=result.identity,
        answer=answer(survey),
        figure=_figure(survey) if survey["all"]["count"] else None,
        table=survey_table(survey),
        css=templating.asset("report.css"),
    )


def survey_table(survey: Mapping[str, Any]) -> PageTable:
    """Every row of the survey beside the run."""
    return make_table(
        f"The survey beside the run, of {_OF[survey['of']]}",
        ("Who", "Asked", "Got it", "95 % interval", "Run", "Difference", "Inside"),
        (
            (
                f"{row['value']}" if row["column"] == "zone" else f"{row['column']}: {row['value']}",
                row["asked"],
                share_text(row["share"]),
                f"{row['low'] * 100:.1f} to {row['high'] * 100:.1f} %",
                share_text(row["simulated"]),
                "–" if row["difference"] is None else f"{row['difference'] * 100:+.1f}".replace("-", "−"),
                "nobody" if row["inside"] is None else "yes" if row["inside"] else "no",
            )
            for row in survey["rows"]
        ),
        "Difference: the run less the survey, in points. The interval is that of chance alone (Wilson), as "
        "if people answered at random.",
    )


def _figure(survey: Mapping[str, Any]) -> Markup:
    """A line for each row: the survey with its interval, and the run."""
    rows = [row for row in survey["rows"] if row["simulated"] is not None][:_ROWS]
    at = np.arange(len(rows))[::-1]
    shares = np.array([row["share"] for row in rows])
    ends = np.array([(row["low"], row["high"]) for row in rows]).T

    def draw(canvas: Figure) -> None:
        ax = canvas.add_subplot()
        ax.errorbar(
            shares,
            at,
            xerr=np.maximum(np.abs(ends - shares), 0),
            fmt="o",
            color=style.BLACK,
            capsize=3,
            label="survey, with its interval",
        )
        ax.plot([row["simulated"] for row in rows], at, "D", color=style.VERMILLION, label="run")
        ax.set_yticks(at, [str(row["value"])[:40] for row in rows])
        ax.set_xlim(0, 1)
        ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        ax.set_xlabel("Share who got the alert")
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)

    alt = f"The survey and the run for {len(rows)} groups or places. The table below has the figures."
    return style.svg("survey", alt, 1.2 + 0.28 * len(rows), draw)
