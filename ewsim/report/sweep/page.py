"""The page of a sweep: one HTML file that opens, reads and prints without a network."""

from typing import Any

from ewsim.metrics.sensitivity.record import Sweep, index_rows, sentences, tornado_rows
from ewsim.metrics.words import unbroken
from ewsim.report import templating
from ewsim.report.speech import ENGLISH, Speech
from ewsim.report.sweep import figures
from ewsim.report.table import PageTable, breakable, in_english, make_table, put_into


def render(sweep: Sweep, say: Speech = ENGLISH) -> str:
    """The page as HTML; the same sweep gives the same text."""
    document = sweep.document
    words = document["words"]
    return templating.render(
        "sweep.html",
        say=say,
        document=document,
        title=document["title"] or document["scenario"],
        answer=[unbroken(say.again(sentence)) for sentence in sentences(document)],
        bars_svg=figures.bars(document, say),
        tornado_svg=figures.tornado(document, say),
        responses_svg=figures.responses(document, say),
        tornado=_table(
            say,
            "What each key does alone, the others as written",
            ("Key", "From", "To", "Figure from", "Figure to", "Change"),
            [(breakable(key), *rest) for key, *rest in tornado_rows(document)],
            figures=True,
        ),
        indices=_table(
            say,
            "Sobol indices: the part of the variance",
            ("Key", "Alone", "95 %", "With others", "95 %"),
            [(breakable(key), *rest) for key, *rest in index_rows(document)],
        ),
        meanings=_table(
            say,
            "What the assumptions are, and their ranges",
            ("Key", "Assumption"),
            [
                (breakable(row["key"]), in_english(words[row["key"]], say))
                for row in document["tornado"]
                if row["key"] in words
            ],
        ),
        css=templating.asset("report.css"),
    )


def _table(
    say: Speech, caption: str, columns: tuple[str, ...], rows: list[Any], *, figures: bool = False
) -> PageTable:
    return put_into(say, make_table(caption, columns, rows, figures=figures))
