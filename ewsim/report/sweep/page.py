"""The page of a sweep: one HTML file that opens, reads and prints without a network."""

from __future__ import annotations

from pathlib import Path

from ewsim.metrics.sensitivity.record import Sweep, index_rows, sentences, tornado_rows
from ewsim.metrics.words import unbroken
from ewsim.report import templating
from ewsim.report.sweep import figures
from ewsim.report.table import breakable, make_table


def write(sweep: Sweep, path: Path | str) -> None:
    """Write the page of a sweep into one HTML file that needs no other."""
    templating.write_page(path, render(sweep))


def render(sweep: Sweep) -> str:
    """The page as HTML; the same sweep gives the same text."""
    document = sweep.document
    words = document["words"]
    return templating.render(
        "sweep.html",
        document=document,
        title=document["title"] or document["scenario"],
        answer=[unbroken(sentence) for sentence in sentences(document)],
        bars_svg=figures.bars(document),
        tornado_svg=figures.tornado(document),
        responses_svg=figures.responses(document),
        tornado=make_table(
            "What each key does alone, the others as written",
            ("Key", "From", "To", "Figure from", "Figure to", "Change"),
            [(breakable(key), *rest) for key, *rest in tornado_rows(document)],
            figures=True,
        ),
        indices=make_table(
            "Sobol indices: the part of the variance",
            ("Key", "Alone", "95 %", "With others", "95 %"),
            [(breakable(key), *rest) for key, *rest in index_rows(document)],
        ),
        meanings=make_table(
            "What the assumptions are, and their ranges",
            ("Key", "Assumption"),
            [
                (breakable(row["key"]), words[row["key"]])
                for row in document["tornado"]
                if row["key"] in words
            ],
        ),
        css=templating.asset("report.css"),
    )
