"""What ran: the message, the fit of the cells, places, chance and assumptions."""

from collections.abc import Mapping, Sequence
from typing import Any

from ewsim.metrics.comparison.advice import sentences, table_of
from ewsim.metrics.words import capital, kilometres, percent, replicated, replicated_causes
from ewsim.report.speech import Speech
from ewsim.report.table import PageTable, breakable, in_english, make_table
from ewsim.result.record import Result


def fit_table(summary: Mapping[str, Any]) -> PageTable:
    """How well the alert fits its area: in this run, and by the choice of cells alone."""
    chosen = summary.get("targeting")
    fits = [summary["accuracy"], *([chosen] if chosen else [])]
    rows = [
        ("Reached, of people in the area (recall)", *(_percent(f["recall_share"]) for f in fits)),
        ("Outside the area, of all who got it (overshoot)", *(_percent(f["overshoot_share"]) for f in fits)),
        ("Half of those outside within", *(_distance(f["overshoot_p50_m"]) for f in fits)),
        ("95 % of those outside within", *(_distance(f["overshoot_p95_m"]) for f in fits)),
    ]
    note = ""
    if chosen is not None:
        rows.append(("Cells that broadcast", "", f"{chosen['cell_count']:,}"))
        rows.append(("Ground they cover, as a multiple of the area", "", f"{chosen['area_ratio']:.2f}"))
        if len(chosen["by_operator"]) > 1:
            rows += [
                (f"Overshoot of {name}", "", _percent(one["overshoot_share"]))
                for name, one in chosen["by_operator"].items()
            ]
        note = (
            "The chosen cells alone: what would happen without outages, if every phone that can camp showed "
            "the alert. Their recall is of the people in the area whose phone can camp."
        )
    return make_table(
        "How well the alert fits its area",
        ("", "In this run", "The chosen cells alone")[: 1 + len(fits)],
        rows,
        note,
    )


def _percent(share: float | None) -> str:
    return "nobody" if share is None else percent(share)


def _distance(distance_m: float | None) -> str:
    return "–" if distance_m is None else kilometres(distance_m)


def replications_table(summary: Mapping[str, Any]) -> PageTable | None:
    """What several runs of the scenario gave; None of a single run."""
    runs = summary.get("replications")
    if not runs:
        return None
    return make_table(
        f"Over {runs['count']} runs with the same people and network that differ only by chance",
        ("", "Median", "95 % of the runs"),
        [*replicated(runs), *((f"Missed: {why}", *rest) for why, *rest in replicated_causes(runs))],
        "The rest of this report is the first run. The range shows chance only (which batteries work, "
        "whose phone is off, how long the gateway takes), not what the assumptions may get wrong. Of "
        "fewer than 40 runs it is that of all. Every metric is in run.json and replications.csv.",
    )


def advice(result: Result) -> tuple[list[str], PageTable, Sequence[Mapping[str, Any]]] | None:
    """What would help: the best measures in sentences, all in a table, and what was not tried."""
    found = result.advice
    if found is None:
        return None
    head, *rows = table_of(found)
    words = {row["name"]: row["words"] for row in found["measures"]}
    named = [(capital(words[row[0]]), *row[1:]) for row in rows]
    table = make_table("All measures tried, each by itself, most people won first", head, named)
    return sentences(found), table, found["not_tried"]


def assumptions_table(result: Result, say: Speech) -> PageTable:
    """The values of this run that no published source supports; keys and meanings are English."""
    return make_table(
        "Values without a published source",
        ("Key in the scenario", "Value", "What it means" + ("" if say.tag == "en" else " (in English)")),
        (
            (
                in_english(breakable(a.key), say),
                _plain(a.value),
                in_english(a.text.removeprefix("assumption: "), say),
            )
            for a in result.assumptions
        ),
    )


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k}: {v}" for k, v in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def message(result: Result) -> list[tuple[str, str]]:
    """The alert in rows: name, value."""
    alert = result.alert
    return [
        ("Event", alert.event),
        ("Headline", alert.headline),
        ("Sender", alert.sender),
        ("Sent", alert.sent),
        ("Identifier", alert.identifier),
        ("Severity, urgency, certainty", f"{alert.severity}, {alert.urgency}, {alert.certainty}"),
        ("Language of the first text", alert.language),
        *result.sent_rows(),
    ]
