"""The figures of a comparison: curves laid over each other, people won and lost, groups."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, PercentFormatter

from ewsim.metrics.comparison.record import Comparison
from ewsim.metrics.comparison.verdict import signed
from ewsim.metrics.words import duration
from ewsim.report import style
from ewsim.report.sections.groups import in_words
from ewsim.report.sections.reach import draw_curves
from ewsim.report.speech import Speech

_NAME = 22


def curves(comparison: Comparison, say: Speech) -> Markup:
    """Reach over time in all runs."""
    runs = comparison.document["runs"]
    horizon_s = max(run["horizon_s"] for run in runs)
    lines = [style.ANY_LINE, *(style.channel_line(n) for n in range(len(runs) - 1))]
    drawn = [
        (_short(say.again(run["name"].replace("_", " "))), line, comparison.curves[run["name"]])
        for run, line in zip(runs, lines, strict=True)
    ]

    def draw(canvas: Figure) -> None:
        ax = canvas.add_subplot()
        draw_curves(ax, drawn, horizon_s, say, legend=False)
        ax.set_ylabel("Reached, of everyone in the area")
        handles, names = ax.get_legend_handles_labels()
        canvas.legend(handles, names, loc="outside lower center", ncols=2, fontsize=8)

    alt = (
        f"Curves of the share of people reached over {duration(horizon_s)} in {len(runs)} runs. "
        "The table has their ends."
    )
    return style.svg("compared_reach", alt, 2.7 + 0.17 * ((len(runs) + 1) // 2), draw, style.WIDE_IN, say)


def people(document: Mapping[str, Any], say: Speech) -> Markup:
    """People won and lost in each run beside the first: bars to the right and to the left."""
    pairs = document["pairs"]

    def draw(canvas: Figure) -> None:
        ax = canvas.add_subplot()
        places = np.arange(len(pairs))[::-1]
        won, lost = (np.array([pair[f"{name}_people"] for pair in pairs]) for name in ("won", "lost"))
        ax.barh(places, won, color=style.SKY, hatch="///", edgecolor=style.INK, height=0.6)
        ax.barh(places, -lost, color=style.ORANGE, hatch="xx", edgecolor=style.INK, height=0.6)
        ax.axvline(0, color=style.INK, linewidth=1)
        for place, right, left in zip(places, won, lost, strict=True):
            _number(ax, (right, place), f"{signed(right)}" if right else "", 4, "left")
            _number(ax, (-left, place), f"{signed(-left)}" if left else "", -4, "right")
            if not right and not left:
                _number(ax, (0, place), "changes nobody", 4, "left")
        most = max(int(won.max()), int(lost.max()), 8)
        ax.set_xlim(-1.25 * max(int(lost.max()), most // 8), 1.25 * max(int(won.max()), most // 8))
        ax.set_ylim(-0.6, len(pairs) - 0.4)
        ax.set_yticks(places, [_short(pair["name"]) for pair in pairs])
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):,.0f}"))
        ax.set_xlabel("People")
        ax.grid(axis="y", visible=False)
        handles = [
            Patch(facecolor=style.ORANGE, hatch="xx", edgecolor=style.INK, label="lost: reached only before"),
            Patch(facecolor=style.SKY, hatch="///", edgecolor=style.INK, label="won: reached only here"),
        ]
        canvas.legend(handles=handles, loc="outside lower center", ncols=2, fontsize=8)

    said = "; ".join(f"{p['name']}: {p['won_people']:,} won, {p['lost_people']:,} lost" for p in pairs)
    return style.svg(
        "won_and_lost",
        f"Bars of people won and lost. {said}.",
        1.1 + 0.36 * len(pairs),
        draw,
        style.WIDE_IN,
        say,
    )


def groups(pair: Mapping[str, Any], first: str, say: Speech) -> Markup | None:
    """The share reached in each group before and here; None where nobody is won or lost.

    Parameters
    ----------
    pair
        A run beside the first.
    first
        What the first run is called.
    say
        The language.
    """
    known = {
        column: [row for row in rows if row["after_share"] is not None]
        for column, rows in pair["by_group"].items()
    }
    known = {column: rows for column, rows in known.items() if len(rows) > 1}
    if not known or not (pair["won_people"] or pair["lost_people"]):
        return None

    def draw(canvas: Figure) -> None:
        ax = canvas.add_subplot()
        labels, place = [], 0.0
        for column, rows in known.items():
            for row in rows:
                before, after = row["before_share"], row["after_share"]
                colour = style.BLUE if after >= before else style.VERMILLION
                ax.plot([before, after], [place, place], color=colour, linewidth=1.8, zorder=2)
                ax.plot(before, place, "o", color="white", markeredgecolor=style.INK, markersize=5, zorder=3)
                ax.plot(after, place, "o" if after >= before else "D", color=colour, markersize=5, zorder=4)
                text = f"{in_words([column])}: {str(row['group']).replace('_', ' ')}"
                labels.append((place, _short(say.again(text), 2 * _NAME)))
                place += 1
            place += 0.6
        ax.set_yticks([p for p, _ in labels], [text for _, text in labels], fontsize=8)
        ax.set_ylim(place, -1)
        ax.set_xlim(-0.02, 1.02)
        ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        ax.set_xlabel("Reached, of the people of the group in the area")
        canvas.legend(
            handles=[
                _dot("o", "white", style.INK, first),
                _dot("o", style.BLUE, style.BLUE, "here, more"),
                _dot("D", style.VERMILLION, style.VERMILLION, "here, fewer"),
            ],
            loc="outside lower center",
            ncols=3,
            fontsize=8,
        )

    rows = sum(len(found) for found in known.values())
    alt = f"Points of the share reached in {rows} groups, before and in {pair['name']}. The table has them."
    return style.svg(
        f"groups_{pair['name']}", alt, 1.1 + 0.17 * (rows + 0.6 * len(known)), draw, style.WIDE_IN, say
    )


def _number(ax: Axes, at: tuple[float, float], text: str, offset: int, side: str) -> None:
    ax.annotate(text, at, xytext=(offset, 0), textcoords="offset points", va="center", ha=side, fontsize=8)


def _dot(marker: str, fill: str, edge: str, name: str) -> Line2D:
    return Line2D(
        [], [], linestyle="none", marker=marker, markerfacecolor=fill, markeredgecolor=edge, label=name
    )


def _short(text: str, most: int = _NAME) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
