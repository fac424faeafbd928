"""The figures of a sweep: luck and ignorance, the tornado, response curves."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ewsim.metrics.sensitivity.analysis import matters
from ewsim.metrics.sensitivity.record import figure_text, value_words
from ewsim.report import style
from ewsim.report.speech import ENGLISH, Speech

#: Keys that the tornado draws.
_MOST = 15
#: Colour and hatch of the first and of the last value.
_LOOKS = ((style.SKY, style.ORANGE), ("///", "..."))


def bars(document: Mapping[str, Any], say: Speech = ENGLISH) -> Markup | None:
    """Luck and ignorance as two bars; None where only one is known, which the tornado has as its last bar."""
    figure, found = document["figure"], _ranges(document)
    if len(found) < 2:
        return None

    def draw(canvas: Figure) -> None:
        ax = canvas.add_subplot()
        for place, ((_, row), colour, hatch) in enumerate(zip(found, *_LOOKS, strict=False)):
            width = row["high"] - row["low"]
            ax.barh(
                -place, width, left=row["low"], color=colour, hatch=hatch, edgecolor=style.INK, height=0.55
            )
            ax.plot(row["median"], -place, "|", color=style.INK, markersize=16, markeredgewidth=2)
        _now(ax, document)
        ax.set_yticks([-place for place in range(len(found))], [name for name, _ in found])
        ax.set_ylim(-len(found) + 0.4, 0.6)
        _axis(ax, figure)

    said = "; ".join(f"{n}: {_range(figure, row)}" for n, row in found)
    return style.svg(
        "luck_and_ignorance", f"Bars. {said}.", 0.8 + 0.45 * len(found), draw, style.WIDE_IN, say
    )


def _ranges(document: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """What is known of luck and of all keys together, by name."""
    name = "what nobody knows" if document["assumptions"] else "all keys together"
    return [(n, document[key]) for n, key in (("luck", "luck"), (name, "ignorance")) if document[key]]


def tornado(document: Mapping[str, Any], say: Speech = ENGLISH) -> Markup | None:
    """What each key does alone, the largest first; None where none does anything."""
    figure = document["figure"]
    rows = [row for row in document["tornado"] if matters(row, figure)][:_MOST]
    if not rows or document["now"] is None:
        return None
    ranges = _ranges(document)
    last = ranges if len(ranges) == 1 else []

    def draw(canvas: Figure) -> None:
        ax = canvas.add_subplot()
        for place, (_, row) in enumerate(last, start=len(rows)):
            width = row["high"] - row["low"]
            ax.barh(-place, width, left=row["low"], color=style.PALE, edgecolor=style.INK, height=0.6)
            ax.plot(row["median"], -place, "|", color=style.INK, markersize=12, markeredgewidth=2)
        for place, row in enumerate(rows):
            ends = [one for one in zip(_ends(row), *_LOOKS, strict=False) if one[0]["figure"] is not None]
            ends.sort(key=lambda one: -abs(one[0]["figure"] - document["now"]))  # the shorter one on top
            for end, colour, hatch in ends:
                ax.barh(
                    -place,
                    end["figure"] - document["now"],
                    left=document["now"],
                    color=colour,
                    hatch=hatch,
                    edgecolor=style.INK,
                    height=0.6,
                )
                right = end["figure"] >= document["now"]
                ax.annotate(
                    value_words(end["value"]),
                    (end["figure"], -place),
                    (3 if right else -3, 0),
                    textcoords="offset points",
                    ha="left" if right else "right",
                    va="center",
                    fontsize=7,
                )
        _now(ax, document)
        ax.use_sticky_edges = False
        ax.margins(x=0.12)
        names = [*(_short(row["key"]) for row in rows), *(name for name, _ in last)]
        ax.set_yticks([-place for place in range(len(names))], names, fontsize=7)
        ax.grid(axis="y", visible=False)
        _axis(ax, figure)

    alt = "Bars of what each key does alone, the largest first. The table has the figures."
    return style.svg("tornado", alt, 1.0 + 0.3 * (len(rows) + len(last)), draw, style.WIDE_IN, say)


def responses(document: Mapping[str, Any], say: Speech = ENGLISH) -> Markup | None:
    """The figure against the value of each key that matters, a small drawing each."""
    figure = document["figure"]
    found = {key: rows for key, rows in document["responses"].items() if len(rows) > 1}
    if not found:
        return None
    columns = 2
    lines = -(-len(found) // columns)

    def draw(canvas: Figure) -> None:
        axes = np.ravel(canvas.subplots(lines, columns, sharey=True, squeeze=False))
        for ax, (key, rows) in zip(axes, found.items(), strict=False):
            numbers = all(isinstance(row["value"], int | float) for row in rows)
            at = [row["value"] for row in rows] if numbers else list(range(len(rows)))
            means, low, high = (np.array([row[name] for row in rows]) for name in ("mean", "low", "high"))
            ax.fill_between(at, low, high, color=style.PALE)
            ax.plot(at, means, color=style.BLUE, marker="o", markersize=3.5)
            if not numbers:
                ax.set_xticks(at, [value_words(row["value"])[:14] for row in rows])
            ax.set_title(_short(key), fontsize=7, loc="left")
            ax.tick_params(labelsize=7)
            if numbers:
                ax.xaxis.set_major_locator(MaxNLocator(5))
            ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: figure_text(figure, value)))
        for ax in axes[len(found) :]:
            ax.remove()

    return style.svg(
        "responses", "Curves of the figure against each key.", 0.3 + 1.6 * lines, draw, style.WIDE_IN, say
    )


def _ends(row: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    ends: Sequence[Mapping[str, Any]] = row["ends"]
    return ends if len(ends) < 2 else (ends[0], ends[-1])


def _now(ax: Axes, document: Mapping[str, Any]) -> None:
    if document["now"] is not None:
        ax.axvline(document["now"], color=style.INK, linewidth=1)


def _axis(ax: Axes, figure: str) -> None:
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: figure_text(figure, value)))
    ax.tick_params(axis="x", labelsize=8)
    ax.xaxis.set_major_locator(MaxNLocator(5))


def _range(figure: str, row: Mapping[str, Any]) -> str:
    return f"{figure_text(figure, row['low'])} to {figure_text(figure, row['high'])}"


def _short(key: str) -> str:
    """A key in two lines where it is long."""
    above, _, last = key.rpartition(".")
    return key if len(key) <= 20 else f"{above}\n{last}"
