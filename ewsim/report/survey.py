"""The page of a survey laid over a run: what people said, and what the run gives for the same people."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ewsim.metrics.words import capital, percent, unbroken
from ewsim.report import style, templating
from ewsim.report.sections.groups import in_words
from ewsim.report.speech import ENGLISH, Speech
from ewsim.report.table import PageTable, make_table, put_into, share_text
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
    points, off = (abs(found[key]) * 100 for key in ("mean_difference", "mean_absolute_difference"))
    side = "more" if found["mean_difference"] > 0 else "fewer"
    return [
        f"Of {found['asked']:,} people asked, {percent(found['share'])} got the alert.",
        f"The run reaches {percent(found['simulated'])} of {of} in the same places and groups.",
        f"The run has {side}, by {points:.1f} points; a row is off by {off:.1f} points on average.",
        f"The run lies inside the survey's interval in {found['inside_count']} of {found['count']} rows.",
    ]


def render(result: Result, survey: Mapping[str, Any], say: Speech = ENGLISH) -> str:
    """The page: answer, figure, table.

    Parameters
    ----------
    result
        The run.
    survey
        The survey laid over it.
    say
        The language.
    """
    return templating.render(
        "survey.html",
        say=say,
        title=result.scenario.title or result.identity.name,
        identity=result.identity,
        answer=[unbroken(say.again(sentence)) for sentence in answer(survey)],
        figure=_figure(survey, say) if survey["all"]["count"] else None,
        table=put_into(say, survey_table(survey)),
        css=templating.asset("report.css"),
    )


def survey_table(survey: Mapping[str, Any]) -> PageTable:
    """Every row of the survey beside the run."""
    return make_table(
        f"The survey beside the run, of {_OF[survey['of']]}",
        ("Who", "Asked", "Got it", "95 % interval", "Run", "Difference", "Inside"),
        (
            (
                _who(row),
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


def _who(row: Mapping[str, Any]) -> str:
    """A place, or a group with what it is a group of."""
    value = str(row["value"])
    return (
        value
        if row["column"] == "zone"
        else capital(f"{in_words([row['column']])}: {value.replace('_', ' ')}")
    )


def _figure(survey: Mapping[str, Any], say: Speech) -> Markup:
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
        ax.set_yticks(at, [_who(row)[:40] for row in rows])
        ax.set_xlim(0, 1)
        ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        ax.set_xlabel("Share who got the alert")
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)

    alt = f"The survey and the run for {len(rows)} groups or places. The table below has the figures."
    return style.svg("survey", alt, 1.2 + 0.28 * len(rows), draw, style.WIDE_IN, say)
