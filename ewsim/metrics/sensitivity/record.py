"""A finished sweep, and what it says in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import pandas as pd

from ewsim.errors import count_of
from ewsim.metrics.sensitivity.analysis import matters
from ewsim.metrics.words import aligned, count, duration, percent, unbroken

FORMAT = "ewsim.sweep/1"
#: Assumptions that a report names.
FIVE = 5


@dataclass(frozen=True, repr=False)
class Sweep:
    """A finished sweep: `table` has a row for each run, `document` is what `--json` prints."""

    document: Mapping[str, Any]
    table: pd.DataFrame

    def text(self) -> str:
        """The sweep for a terminal."""
        lines = [line for text in sentences(self.document) for line in wrap(unbroken(text), 90)]
        rows = tornado_rows(self.document)
        lines += ["", *aligned([("Key", "From", "to", "Figure from", "to", "Change"), *rows])] if rows else []
        indices = index_rows(self.document)
        if indices:
            head = ("Part of the variance", "alone", "95 %", "with others", "95 %")
            lines += ["", *aligned([head, *indices])]
        quiet = self.document["without_effect"]
        if quiet:
            few = ": " + ", ".join(quiet) if len(quiet) <= FIVE else " (sweep.json and the page name them)"
            lines += ["", *wrap(f"Without effect here: {count_of(len(quiet), 'keys')}{few}.", 90)]
        return "\n".join(line.replace("\u00a0", " ") for line in lines)

    def __repr__(self) -> str:
        return f"<Sweep of {self.document['scenario']}: {len(self.table)} runs>"


def figure_text(figure: str, value: float | None) -> str:
    """A figure in words."""
    if value is None:
        return "never"
    if figure.endswith("_share"):
        return f"{100 * value:.1f} %"
    return duration(value) if figure.endswith("_s") else count(round(value))


def _change_text(figure: str, value: float | None) -> str:
    """A difference of a figure in words: shares in points."""
    if value is None:
        return "unknown"
    return f"{100 * value:.1f} points" if figure.endswith("_share") else figure_text(figure, value)


def sentences(document: Mapping[str, Any]) -> list[str]:
    """What a planner should take from a sweep."""
    figure, found = (
        document["figure"],
        [row for row in document["tornado"] if matters(row, document["figure"])],
    )
    now, what = figure_text(figure, document["now"]), document["figure_words"]
    said = [f"The scenario as written gives {now} for {what} ({document['runs']:,} runs in all)."]
    luck, ignorance = document["luck"], document["ignorance"]
    if luck is not None:
        said.append(
            f"Luck: {figure_text(figure, luck['low'])} to {figure_text(figure, luck['high'])} over "
            f"{luck['count']} runs that differ by chance."
        )
    if ignorance is not None:
        many = len(document["indices"])
        what = "Ignorance" if document["assumptions"] else "All together"
        low, high = (figure_text(figure, ignorance[end]) for end in ("low", "high"))
        varied = f"the {many} that matter most" if many else "all varied keys"
        said.append(f"{what}: {low} to {high} over {ignorance['count']} points of {varied}.")
    if not found:
        return [*said, "No key changes it."]
    first = found[0]
    what = "assumptions" if document["assumptions"] else "keys"
    said.append(
        f"{len(found)} of {len(document['tornado'])} {what} change it at all; most does {first['key']}, by "
        f"{_change_text(figure, first['swing'])} over its range."
    )
    if luck is not None and ignorance is not None:
        wide, narrow = ignorance["high"] - ignorance["low"], luck["high"] - luck["low"]
        more = wide > narrow
        said.append(
            "What nobody knows changes the answer more than luck does: find out about the first keys before "
            "planning with the figure."
            if more
            else "Luck changes the answer more than what nobody knows: plan for the range of luck."
        )
    return said


def most_uncertain(document: Mapping[str, Any]) -> list[str]:
    """The five assumptions that change the answer most, a sentence each; hostile documents give none."""
    try:
        figure = str(document["figure"])
        found = [row for row in document["tornado"] if matters(row, figure)][:FIVE]
        return [
            f"{row['key']} ({document['words'][row['key']]}): changes {document['figure_words']} by "
            f"{_change_text(figure, row['swing'])} over its range."
            for row in found
        ]
    except (KeyError, TypeError, ValueError, AttributeError):
        return []


def tornado_rows(document: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The keys that matter, for a table."""
    figure = document["figure"]
    rows: list[tuple[str, ...]] = []
    for row in document["tornado"]:
        if matters(row, figure):
            now = {"value": row["now"], "figure": document["now"]}
            ends = (now, row["ends"][0]) if len(row["ends"]) == 1 else (row["ends"][0], row["ends"][-1])
            low, high = ends
            rows.append(
                (
                    row["key"],
                    value_words(low["value"]),
                    value_words(high["value"]),
                    figure_text(figure, low["figure"]),
                    figure_text(figure, high["figure"]),
                    _change_text(figure, row["swing"]),
                )
            )
    return rows


def index_rows(document: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The Sobol indices, for a table."""
    return [
        (
            row["key"],
            percent(max(row["first"], 0.0)),
            f"{row['first_low']:.2f} to {row['first_high']:.2f}",
            percent(max(row["total"], 0.0)),
            f"{row['total_low']:.2f} to {row['total_high']:.2f}",
        )
        for row in document["indices"]
    ]


def value_words(value: Any) -> str:
    """A value of a key, short."""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = "none" if value is None else str(value)
    return text if len(text) <= 24 else f"{text[:21]}..."
