"""What would help: measures ranked by the people they win, as a document and in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from ewsim.metrics.comparison.verdict import signed, signed_time
from ewsim.metrics.words import aligned, capital, count, percent, unbroken

FORMAT = "ewsim.advice/1"
#: Measures that a report names.
BEST = 3


@dataclass(frozen=True, repr=False)
class Advice:
    """Measures tried on a scenario; `document` is what `ewsim advise --json` prints."""

    document: Mapping[str, Any]

    def text(self) -> str:
        """The advice for a terminal: the best three, a table of all, and what was not tried."""
        said = [line for text in sentences(self.document) for line in wrap(unbroken(text), 90)]
        lines = [*(line.replace("\u00a0", " ") for line in said), "", *aligned(table_of(self.document)), ""]
        lines += [f"{row['name']}: {row['words']}" for row in self.document["measures"]]
        lines += ["", "Not tried:"] if self.document["not_tried"] else []
        lines += [f"  {row['name']}: {row['reason']}" for row in self.document["not_tried"]]
        return "\n".join(lines)

    def __repr__(self) -> str:
        best = ", ".join(f"{r['name']} {signed(r['net_people'])}" for r in best_of(self.document))
        return f"<Advice on {self.document['scenario']}: {best or 'nothing wins people'}>"


def ranked(document: Mapping[str, Any], costs: Mapping[str, float]) -> list[dict[str, Any]]:
    """The rows of the measures of a comparison, most people won first: the mean over pairs of runs.

    Parameters
    ----------
    document
        The comparison; its runs are the measures.
    costs
        What measures cost, by name, in any unit [any]; only those that a user gives.
    """
    before, *runs = document["runs"]
    rows = []
    for run, pair in zip(runs, document["pairs"], strict=True):
        luck = pair.get("replications", {}).get("net_people")
        net = pair["net_people"] if luck is None else luck["mean"]
        cost = costs.get(run["name"])
        rows.append(
            {
                "name": run["name"],
                "words": run["title"],
                "net_people": net,
                "low_people": None if luck is None else luck["low"],
                "high_people": None if luck is None else luck["high"],
                "won_people": pair["won_people"],
                "lost_people": pair["lost_people"],
                "reach_share": run["reach"]["share"],
                "time_to_share_s": run["time_to_share_s"],
                "time_to_share_before_s": before["time_to_share_s"],
                "cost": cost,
                "people_per_cost": None if not cost else net / cost,
                "changes": pair["changes"],
            }
        )
    return sorted(rows, key=lambda row: (-row["net_people"], row["name"]))


def best_of(document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The best measures that win anybody, whatever chance does."""
    rows = [row for row in document["measures"] if row["net_people"] > 0]
    return rows[:BEST]


def sentences(document: Mapping[str, Any]) -> list[str]:
    """What would help, in sentences: the best measures, then the best for their stated cost."""
    best = best_of(document)
    if not best:
        return ["None of the measures tried wins anybody."]
    said = [f"{row['words']} ({row['name']}): {_gain(row, document)}." for row in best]
    lines = [f"{number}. {capital(text)}" for number, text in enumerate(said, start=1)]
    priced = [row for row in document["measures"] if (row["people_per_cost"] or 0) > 0]
    if priced:
        first = max(priced, key=lambda row: row["people_per_cost"])
        lines.append(
            f"For its stated cost {first['name']} wins most: one person for each {_price(first)} spent."
        )
    if best[0]["low_people"] is None:
        lines.append("This is one pair of runs each; --replications 10 gives ranges.")
    return lines


def _price(row: Mapping[str, Any]) -> str:
    """The stated cost of each person won, at most four digits: "12,500", "0.25"."""
    each = row["cost"] / row["net_people"]
    return f"{each:,.0f}" if each >= 1000 else f"{each:.4g}"


def _gain(row: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    text = f"{count(round(row['net_people']))} more people reached, of {count(document['in_area'])}"
    if row["low_people"] is not None:
        low, high = signed(row["low_people"]), signed(row["high_people"])
        text += f" ({low} to {high} over {document['replications']} pairs of runs)"
    return text


def table_of(document: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """All measures as text: a head, then a row a measure; columns that nothing fills are left out."""
    measures: Iterable[Mapping[str, Any]] = document["measures"]
    head = ("Measure", "Net", "95 % of pairs", "Won", "Lost", "Reach", "To 50 %", "Readers", "Cost each")
    rows = [head]
    for row in measures:
        some = row["low_people"] is not None
        rows.append(
            (
                row["name"],
                signed(row["net_people"]),
                f"{signed(row['low_people'])} to {signed(row['high_people'])}" if some else "",
                f"{row['won_people']:,}",
                f"{row['lost_people']:,}",
                percent(row["reach_share"]),
                signed_time(row["time_to_share_before_s"]["0.5"], row["time_to_share_s"]["0.5"]),
                signed(row["net_readers"]) if row.get("net_readers") is not None else "",
                _price(row) if (row["people_per_cost"] or 0) > 0 else "",
            )
        )
    kept = [number for number in range(len(head)) if any(row[number] for row in rows[1:])]
    return [tuple(row[number] for number in kept) for row in rows]
