"""The page of a comparison: one HTML file that opens, reads and prints without a network."""

from collections.abc import Mapping
from typing import Any

from markupsafe import escape

from ewsim.metrics.comparison.record import Comparison
from ewsim.metrics.comparison.verdict import label, signed, value_text
from ewsim.metrics.reach import SMALLEST_GROUP
from ewsim.metrics.words import CAUSES, capital, duration, unbroken
from ewsim.report import templating
from ewsim.report.comparison import figures
from ewsim.report.sections.groups import in_words
from ewsim.report.speech import ENGLISH, Speech
from ewsim.report.table import PageTable, make_table, put_into, said, share_text

#: Places in the table of places of each pair.
_PLACES = 12
#: Metrics of pairs of runs, and what a table calls them.
_LUCK = {
    "net_people": "More people reached",
    "won_people": "People won",
    "lost_people": "People lost",
    "time_to_0.5_s": "Later to 50 %",
    "time_to_0.9_s": "Later to 90 %",
    "time_to_0.95_s": "Later to 95 %",
}


def render(comparison: Comparison, say: Speech = ENGLISH) -> str:
    """The page as HTML; the same comparison gives the same text."""
    document = comparison.document
    first = say.again(label(document["runs"][0]))
    verdicts = comparison.verdicts()
    pairs = [
        {
            "name": pair["name"],
            "title": say.again(run["title"]),
            "verdict": [unbroken(say.again(sentence)) for sentence in verdicts[pair["name"]]],
            "tables": {
                name: put_into(say, table)
                for name, table in (
                    ("changes", _changes(pair)),
                    ("causes", _causes(pair)),
                    ("otherwise", _otherwise(pair)),
                    ("luck", _luck(pair)),
                    ("places", _places(pair, say)),
                    ("groups", _groups(pair)),
                )
                if table is not None and table.rows
            },
            "groups_svg": figures.groups(pair, first, say),
            "not_modelled": say.again(in_words(pair["not_modelled"])),
        }
        for run, pair in zip(document["runs"][1:], document["pairs"], strict=True)
    ]
    return templating.render(
        "comparison.html",
        say=say,
        document=document,
        title=document["title"] or document["scenario"],
        first=first,
        pairs=pairs,
        summary=put_into(say, make_table("", (head := comparison.rows())[0], head[1:])),
        notes=[said(note, say) for note in document["notes"]],
        curves_svg=figures.curves(comparison, say),
        people_svg=figures.people(document, say),
        smallest_group=SMALLEST_GROUP,
        css=templating.asset("report.css"),
    )


def _changes(pair: Mapping[str, Any]) -> PageTable:
    return make_table(
        "What differs in the scenario",
        ("Key", "Before", "Here"),
        (
            (escape(row["key"]), value_text(row["key"], row["before"]), value_text(row["key"], row["after"]))
            for row in pair["changes"]
        ),
    )


def _causes(pair: Mapping[str, Any]) -> PageTable:
    won, lost = pair["won_by_cause"], pair["lost_by_cause"]
    return make_table(
        "People won and lost, by the cause for which the other run missed them",
        ("Cause", "Won: missed before", "Lost: missed here"),
        [
            *(
                (capital(CAUSES[cause]), won.get(cause, 0), lost.get(cause, 0))
                for cause in dict.fromkeys([*won, *lost])
            ),
            ("All", pair["won_people"], pair["lost_people"]),
        ],
    )


def _otherwise(pair: Mapping[str, Any]) -> PageTable:
    rows = pair["missed_otherwise"][:6]
    return make_table(
        "People missed in both, for another cause",
        ("Missed before because", "Missed here because", "People"),
        ((CAUSES[row["before"]], CAUSES[row["after"]], row["people"]) for row in rows),
    )


def _luck(pair: Mapping[str, Any]) -> PageTable | None:
    found = pair.get("replications")
    if not found:
        return None
    rows = []
    for metric, name in _LUCK.items():
        row = found.get(metric)
        if row and row["attained"]:
            say = _seconds if metric.startswith("time") else signed
            part = "" if row["attained"] == found["count"] else f" (in {row['attained']} of the pairs)"
            rows.append((name, say(row["median"]), f"{say(row['low'])} to {say(row['high'])}{part}"))
    return make_table(
        f"How much of this is chance: {found['count']} pairs of runs with the same luck",
        ("Difference", "Median", "95 % of the pairs"),
        rows,
    )


def _seconds(time_s: float) -> str:
    return f"{'-' if time_s < 0 else '+'}{duration(abs(time_s))}" if time_s else "0 s"


def _places(pair: Mapping[str, Any], say: Speech) -> PageTable:
    moved = [row for row in pair["by_place"] if row["won_people"] or row["lost_people"]]
    moved.sort(key=lambda row: -(row["won_people"] + row["lost_people"]))
    more = len(moved) - _PLACES
    return make_table(
        "Where: the places with most people won or lost",
        ("Place", "People", "Before", "Here", "Won", "Lost"),
        ((escape(_place(row, say)), *_row(row)[1:]) for row in moved[:_PLACES]),
        f"Further places, in comparison.json: {more}." if more > 0 else "",
    )


def _place(row: Mapping[str, Any], say: Speech) -> str:
    """What a place is called; only the name that ewsim made is put into a language."""
    name = str(row.get("name", row["group"]))
    return name if name == row["group"] else say.again(name)


def _groups(pair: Mapping[str, Any]) -> PageTable:
    return make_table(
        "All groups",
        ("Group", "People", "Before", "Here", "Won", "Lost"),
        (
            (f"{in_words([column])}: {str(row['group']).replace('_', ' ')}", *_row(row)[1:])
            for column, rows in pair["by_group"].items()
            for row in rows
        ),
    )


def _row(row: Mapping[str, Any]) -> tuple[Any, ...]:
    shares = (
        "too few" if row[name] is None else share_text(row[name]) for name in ("before_share", "after_share")
    )
    return (row["group"], row["people"], *shares, row["won_people"], row["lost_people"])
