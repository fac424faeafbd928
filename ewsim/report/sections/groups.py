"""Who is left behind."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ewsim.metrics import words
from ewsim.metrics.words import percent
from ewsim.report import style
from ewsim.report.speech import ENGLISH, Speech
from ewsim.report.table import PageTable, make_table, share_text
from ewsim.result.record import Result

#: What stands in a table in place of equal numbers.
NOT_MODELLED = "not modelled"


def figure(result: Result, tables: dict[str, pd.DataFrame], say: Speech = ENGLISH) -> Markup:
    """Reach by group: a point a group, one line for everyone.

    Parameters
    ----------
    result
        A run.
    tables
        Its groups by columns of `GROUPS`.
    say
        The language.
    """
    known = {name: groups[~groups["suppressed"] & groups["modelled"]] for name, groups in tables.items()}
    known = {name: groups for name, groups in known.items() if len(groups) > 1}
    lines = sum(len(groups) + 1 for groups in known.values())
    overall = result.summary()["reach"]["share"]

    def draw(canvas: Figure) -> None:
        ax = canvas.add_subplot()
        labels, position = [], 0.0
        for name, rows in known.items():
            shares = rows["share"].to_numpy()
            places = position + np.arange(len(rows))
            ax.hlines(places, shares, overall, color=style.GREY, linewidth=1)
            behind = shares < overall - 0.02
            ax.plot(shares[~behind], places[~behind], "o", color=style.BLUE, markersize=6)
            ax.plot(shares[behind], places[behind], "D", color=style.VERMILLION, markersize=6)
            for share, place, group in zip(shares, places, rows["group"], strict=True):
                before = share < overall  # the line to everyone is on its other side
                ax.annotate(
                    percent(float(share)),
                    (share, place),
                    xytext=(-6 if before else 6, 0),
                    fontsize=7,
                    textcoords="offset points",
                    ha="right" if before else "left",
                    va="center",
                )
                labels.append((place, _short(say.again(f"{in_words([name]).capitalize()}: {_plain(group)}"))))
            position += len(rows) + 0.5
        ax.axvline(overall, color=style.BLACK, linewidth=1.2)
        ax.annotate(
            f"everyone {percent(overall)}",
            (overall, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=7.5,
        )
        ax.set_yticks([p for p, _ in labels], [text for _, text in labels], fontsize=7)
        ax.set_ylim(position, -1)
        ax.set_xlim(-0.26, 1.26)
        ax.set_xticks(np.linspace(0, 1, 6))
        ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        ax.set_xlabel("Reached, of the people of the group in the area")

    alt = f"Points of the share reached in each group, and a line at {percent(overall)} for everyone."
    return style.svg("groups", alt, 0.8 + 0.15 * lines, draw, style.HALF_IN, say)


_NAMES = {
    "sex": "Sex",
    "age_band": "Age [years]",
    "disability": "Disability",
    "language": "Language",
    "settlement": "Settlement",
    "poverty": "Poverty",
    "residence": "Residence",
    "operator": "Operator",
    "rat": "Network",
}


def in_words(columns: Iterable[str]) -> str:
    """Columns of `GROUPS` as a sentence names them: "language, sex"."""
    return ", ".join(_NAMES[name].partition(" [")[0].lower() for name in columns)


def label(column: str) -> str:
    """A column of `GROUPS` at the head of a row."""
    return _NAMES[column]


def _plain(group: object) -> str:
    return str(group).replace("_", " ")


def _short(text: str, most: int = 26) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def groups_table(tables: dict[str, pd.DataFrame]) -> PageTable:
    """Reach of each group; the tables by columns of `GROUPS`."""
    return make_table(
        "All groups",
        ("Group", "People", "Reached", "Missed", "Share reached", "Ratio to everyone"),
        (
            (f"{in_words([name]).capitalize()}: {_plain(row['group'])}", row["people"], *_reach_cells(row))
            for name, groups in tables.items()
            for row in groups.to_dict("records")
        ),
    )


def _reach_cells(row: Mapping[Hashable, Any]) -> tuple[object, ...]:
    if not row["modelled"]:
        return NOT_MODELLED, "", "", ""
    if row["suppressed"]:
        return row["reached"], row["missed"], "too few", "too few"
    return row["reached"], row["missed"], share_text(row["share"]), f"{row['gap_ratio']:.3f}"


def languages_table(summary: Mapping[str, Any]) -> PageTable | None:
    """People who read none of the languages sent; None where the scenario does not say what they read."""
    found = words.unread(summary)
    if found is None:
        return None
    rows = found["by_language"].items()
    unknown = summary["not_reading"]["by_language"]
    return make_table(
        f"People in the area who read none of the message's languages as it is sent "
        f"({', '.join(found['languages'])})",
        ("They read", "People", "Share of everybody", "Shown it anyway", "The message has it"),
        (
            (
                tag,
                of["people"],
                share_text(of["people"] / max(summary["in_area"], 1)),
                of["reached"],
                tag not in unknown,
            )
            for tag, of in rows
        ),
    )
