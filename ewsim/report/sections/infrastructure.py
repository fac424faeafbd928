"""What the infrastructure did."""

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from ewsim.metrics import infrastructure, network
from ewsim.metrics.words import duration
from ewsim.report import style
from ewsim.report.speech import ENGLISH, Speech
from ewsim.report.table import PageTable, make_table
from ewsim.result.record import Result

#: Failures in the table of those that took most cells.
_ROOTS = 15
_FAILURES = {
    "power": "No power at",
    "link": "Cut link of",
    "damage": "Damage to",
    "loss": "Loss of",
    "outage": "Outage of",
}


def figure(result: Result, say: Speech = ENGLISH) -> Markup:
    """How many cells served, and how many were on air, over time."""
    changes = infrastructure.cell_changes(result.events)
    unit = style.time_unit(result.horizon_s)
    times, serving, on_air = infrastructure.cell_counts(changes, len(result.cells))
    start_s = float(times[0])

    def draw(canvas: Figure) -> None:
        ax = canvas.add_subplot()
        end = np.append(times, result.horizon_s) / unit.seconds
        for values, colour, dashes, name in (
            (serving, style.BLACK, "-", "in service"),
            (on_air, style.BLUE, "--", "on air with the alert"),
        ):
            ax.plot(
                end,
                np.append(values, values[-1]),
                drawstyle="steps-post",
                color=colour,
                linestyle=dashes,
                linewidth=1.6,
                label=name,
            )
        if start_s < 0:
            ax.axvline(0, color=style.GREY, linewidth=1)
            ax.annotate(
                "decision",
                (0, 1),
                xycoords=("data", "axes fraction"),
                xytext=(0, 2),
                textcoords="offset points",
                ha="center",
                fontsize=7,
            )
        ax.set_ylim(0, len(result.cells) * 1.05 or 1)
        ax.set_xlim(start_s / unit.seconds, result.horizon_s / unit.seconds)
        ax.set_xlabel(f"Time since the decision to warn [{unit.name}]")
        ax.set_ylabel("Cells")
        ax.legend(loc="best", frameon=True, framealpha=0.9, fontsize=7)

    alt = (
        f"Cells in service and cells on air over time. At the end {int(serving[-1]):,} of "
        f"{len(result.cells):,} are in service."
    )
    return style.svg("cells", alt, 2.1, draw, style.HALF_IN, say)


def network_table(result: Result) -> PageTable | None:
    """Sites, planned coverage and availability of each operator; None where a result does not say."""
    if not result.network:
        return None
    return make_table(
        "The network before anything fails", network.HEAD, map(network.cells, result.network), network.MEANING
    )


def roots_table(result: Result) -> PageTable:
    """What took most cells out of service: the failures at the root of outages."""
    roots = infrastructure.outage_roots(result.events)
    more = len(roots) - _ROOTS
    note = (
        "A failure takes every mast that depends on it. The table of causes has the people who were missed."
    )
    if more > 0:
        note += f" Further failures are in events.parquet, column detail: {more}."
    return make_table(
        "What failed first, where cells went out of service",
        ("Failure", "After the decision", "Masts", "Cells", "Disturbance"),
        (
            (_failure(str(root)), _signed(first_s), sites, cells, inject or "–")
            for root, first_s, sites, cells, inject in roots.head(_ROOTS)[
                ["root", "first_s", "sites", "cells", "inject"]
            ].itertuples(index=False)
        ),
        note,
    )


def _signed(time_s: float) -> str:
    return f"-{duration(-time_s)}" if time_s < 0 else duration(time_s)


def hazard_story(result: Result) -> list[tuple[str, str]]:
    """What the hazards did, in order: when, from the decision to warn, and what in words."""
    rows = result.events[result.events["element"] == "hazard"]
    return [
        (_moment(float(time_s)), str(said))
        for time_s, said in zip(rows["time_s"], rows["detail"], strict=True)
    ]


def _moment(time_s: float) -> str:
    if time_s < 0:
        return duration(time_s)
    return "at the decision" if time_s < 1 else f"after {duration(time_s)}"


def _failure(root: str) -> str:
    """A root of outages in words: "power of site_7" is "No power at site_7"."""
    what, _, site = root.partition(" of ")
    return f"{_FAILURES.get(what, what)} {site}"


def timeline_table(result: Result) -> PageTable:
    """Events by element, kind and operator."""
    frame = infrastructure.timeline(result.events)
    return make_table(
        "Events in the infrastructure",
        ("Element", "What happened", "Operator", "How often", "First [s]", "Median [s]", "Last [s]"),
        (
            (
                row["element"],
                str(row["kind"]).replace("_", " "),
                row["operator"] or "–",
                row["count"],
                row["first_s"],
                row["median_s"],
                row["last_s"],
            )
            for row in frame.to_dict("records")
        ),
        "Seconds since the decision to warn; negative before it. Each single event is in events.parquet.",
    )
