"""Why people were missed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ewsim import kinds
from ewsim.metrics import causes
from ewsim.metrics.words import CAUSES, capital, percent
from ewsim.report import style
from ewsim.report.speech import ENGLISH, Speech
from ewsim.report.table import PageTable, breakable, make_table, share_text
from ewsim.result.record import Result

#: Which part of the chain each cause belongs to, so that a reader sees who could change it.
FAMILIES = {"phone": "People and phones", "network": "Network", "sending": "Sending the alert"}
_FAMILY_LOOK = ((style.SKY, "///"), (style.ORANGE, "xx"), (style.PURPLE, "..."))


def _family(cause: str) -> str:
    """Which part of the chain a cause belongs to."""
    return FAMILIES[kinds.causes()[cause].part]


def figure(result: Result, say: Speech = ENGLISH) -> Markup:
    """People missed by cause."""
    table = causes.by_cause(result.ledger)

    def draw(canvas: Figure) -> None:
        ax = canvas.add_subplot()
        looks = dict(zip(FAMILIES.values(), _FAMILY_LOOK, strict=True))
        positions = np.arange(len(table))[::-1]
        for position, cause, people, share in zip(
            positions, table["cause"], table["people"], table["share"], strict=True
        ):
            colour, hatch = looks[_family(cause)]
            ax.barh(position, people, color=colour, hatch=hatch, edgecolor=style.INK, height=0.7)
            ax.annotate(
                f"{people:,} ({percent(share)})",
                (people, position),
                xytext=(4, 0),
                textcoords="offset points",
                va="center",
                fontsize=7,
            )
        ax.set_yticks(positions, [_wrapped(CAUSES[c]) for c in table["cause"]], fontsize=6.5)
        ax.set_xlim(0, table["people"].max() * 1.45)
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        ax.xaxis.set_major_locator(MaxNLocator(4))
        ax.set_xlabel("People in the alert area")
        ax.grid(axis="y", visible=False)
        present = {_family(c) for c in table["cause"]}
        handles = [
            Patch(facecolor=colour, hatch=hatch, edgecolor=style.INK, label=name)
            for name, (colour, hatch) in looks.items()
            if name in present
        ]
        canvas.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=7)

    first = ", ".join(
        f"{CAUSES[c]}: {n:,}" for c, n in zip(table["cause"][:3], table["people"][:3], strict=True)
    )
    alt = f"Bars: people missed, by cause. The largest: {first}."
    return style.svg("causes", alt, 0.75 + 0.22 * max(len(table), 2), draw, style.HALF_IN, say)


def _wrapped(text: str, width: int = 38) -> str:
    lines, line = [], ""
    for word in text.split():
        if len(line) + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def causes_table(summary: Mapping[str, Any]) -> PageTable:
    """People in the area by cause, then those who were reached; they add up to everyone."""
    whole = max(summary["in_area"], 1)
    rows: list[tuple[str, int, str, str, str]] = [
        (capital(CAUSES[c]), n, share_text(n / whole), _family(c), breakable(c))
        for c, n in summary["causes"].items()
    ]
    reached = summary["reach"]["people"]
    rows.append(("Reached", reached, share_text(reached / whole), "", "reached"))
    rows.append(("Everyone in the alert area", summary["in_area"], share_text(1.0), "", ""))
    return make_table(
        "Everyone in the alert area: why they were missed, or reached",
        ("Missed because", "People", "Share", "Part", "Code of the cause"),
        rows,
        "The rows above the last add up exactly to it.",
    )
