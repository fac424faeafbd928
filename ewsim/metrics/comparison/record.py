"""A finished comparison: its document, its curves, and the text for a terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd

from ewsim.metrics.comparison.pairs import figures_of, pair_of
from ewsim.metrics.comparison.places import place_names
from ewsim.metrics.comparison.runs import ComparedRun, check_comparable
from ewsim.metrics.comparison.verdict import label, shares_apart, signed, signed_time, value_text, verdict_of
from ewsim.metrics.reach import Curve
from ewsim.metrics.replications import interval
from ewsim.metrics.words import CAUSES, aligned, percent, unbroken, within

FORMAT = "ewsim.comparison/1"
_WIDTH = 90


@dataclass(frozen=True, repr=False)
class Comparison:
    """Runs beside a first one.

    `document` is what `ewsim compare --json` prints; `curves` has reach over time by the name of a run.
    """

    document: Mapping[str, Any]
    curves: Mapping[str, Curve]

    def verdicts(self) -> dict[str, list[str]]:
        """Two sentences for each run beside the first, by its name."""
        return {pair["name"]: verdict_of(self.document, pair) for pair in self.document["pairs"]}

    def text(self) -> str:
        """The comparison for a terminal: verdicts, then a table, then why people were won and lost."""
        first, runs = self.document["runs"][0], self.document["runs"]
        head = (
            f"{self.document['in_area']:,} people in the alert area; every run is held against {label(first)}"
        )
        lines = [*wrap(f"{head}, person by person.", _WIDTH), "", *aligned(self.rows()), ""]
        for run, pair in zip(runs[1:], self.document["pairs"], strict=True):
            lines.append(f"{run['name']}: {run['title']}" if run["title"] else run["name"])
            for sentence in verdict_of(self.document, pair):
                found = wrap(unbroken(sentence), _WIDTH, initial_indent="  ", subsequent_indent="  ")
                lines += [line.replace("\u00a0", " ") for line in found]
            lines += [f"    {line}" for line in _details(pair)]
            lines.append("")
        lines += self.document["notes"]
        if not any("replications" in pair for pair in self.document["pairs"]):
            lines.append("Each is one pair of runs. --replications 30 shows how much of this is chance.")
        return "\n".join(lines)

    def rows(self) -> list[tuple[str, ...]]:
        """The table of all runs: a head, then a row a run."""
        document = self.document
        first, *others = document["runs"]
        shares = list(first["time_to_share_s"])
        rows = [
            ("Run", "Reached", "Share", "Won", "Lost", "Net", *(f"To {percent(float(s))}" for s in shares))
        ]
        apart = [shares_apart(first["reach"]["share"], run["reach"]["share"]) for run in others]
        digits = max(len(before.partition(".")[2]) - 2 for before, _ in apart)
        times = [within(t, first["horizon_s"]) for t in first["time_to_share_s"].values()]
        rows.append(
            (
                label(first),
                f"{first['reach']['people']:,}",
                max((before for before, _ in apart), key=len),
                "",
                "",
                "",
                *times,
            )
        )
        for run, pair, (_, share) in zip(others, document["pairs"], apart, strict=True):
            moved = (signed_time(first["time_to_share_s"][s], run["time_to_share_s"][s]) for s in shares)
            people = (f"{pair[f'{name}_people']:,}" for name in ("won", "lost"))
            rows.append(
                (
                    run["name"],
                    f"{run['reach']['people']:,}",
                    share if digits < 1 else f"{100 * run['reach']['share']:.{digits}f} %",
                    *people,
                    signed(pair["net_people"]),
                    *moved,
                )
            )
        return rows

    def __repr__(self) -> str:
        names = ", ".join(run["name"] for run in self.document["runs"])
        net = ", ".join(f"{p['name']} {signed(p['net_people'])}" for p in self.document["pairs"])
        return f"<Comparison of {names}: {net} people>"

    def _repr_html_(self) -> str:
        head, *rows = self.rows()
        cells = "".join(f"<th>{escape(name)}</th>" for name in head)
        body = "".join(f"<tr>{''.join(f'<td>{escape(value)}</td>' for value in row)}</tr>" for row in rows)
        return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


@dataclass(frozen=True, slots=True)
class Beside:
    """One run beside the first: its figures, its curve, and the pair of the two."""

    figures: Mapping[str, Any]
    curve: Curve
    pair: Mapping[str, Any]


def beside(first: ComparedRun, run: ComparedRun, luck: Sequence[Mapping[str, Any]] = ()) -> Beside:
    """A run beside the first, person by person; raises DataError where they are not comparable.

    Parameters
    ----------
    first
        The run that the other is held against.
    run
        The other.
    luck
        Differences of the two in further replications (`pairs.paired_row`).
    """
    check_comparable((first, run))
    pair = pair_of(first, run)
    if len(luck) > 1:
        pair["replications"] = paired_interval(pd.DataFrame(luck))
    return Beside(*figures_of(run, first), pair)


def compared(first: ComparedRun, others: Sequence[Beside], notes: Sequence[str] = ()) -> Comparison:
    """A comparison from its parts.

    Parameters
    ----------
    first
        The run that all others are held against.
    others
        What `beside` gave for each.
    notes
        Sentences to print below it.
    """
    figures, whole = figures_of(first, first)
    names = place_names(first.ledger)
    for other in others:
        for row in other.pair["by_place"]:
            row["name"] = names[row["group"]]
    said = [*notes, *(note for other in others for note in _area_notes(first, other.pair))]
    document = {
        "format": FORMAT,
        "scenario": first.scenario["name"],
        "title": first.scenario["title"],
        "seed": first.seed,
        "version": first.version,
        "in_area": whole.whole,
        "reference": first.name,
        "runs": [figures, *(other.figures for other in others)],
        "pairs": [other.pair for other in others],
        "notes": said,
    }
    return Comparison(document, {first.name: whole, **{o.figures["name"]: o.curve for o in others}})


def paired_interval(table: pd.DataFrame) -> dict[str, Any]:
    """Each difference over pairs of runs with the same luck, as `metrics.replications.interval`.

    Also `mean_low` and `mean_high` of `net_people`: the interval of 95 % of the mean, by Student's t
    of the paired differences.
    """
    found: dict[str, Any] = {"count": len(table), **interval(table)}
    from scipy.stats import t  # a fifth of a second that a single run need not wait for

    net = table["net_people"].to_numpy(np.float64)
    half = float(t.ppf(0.975, net.size - 1) * net.std(ddof=1) / np.sqrt(net.size))
    found["net_people"] |= {"mean_low": float(net.mean()) - half, "mean_high": float(net.mean()) + half}
    return found


def _area_notes(first: ComparedRun, pair: Mapping[str, Any]) -> list[str]:
    area, notes = pair["area"], []
    if area["only_before_people"]:
        notes.append(
            f"{pair['name']}: {area['only_before_people']:,} people in the alert area of {first.name} are "
            "outside its own. They still count."
        )
    if area["only_after_people"]:
        notes.append(
            f"{pair['name']}: {area['only_after_people']:,} people in its alert area are outside that of "
            f"{first.name}. They do not count."
        )
    return notes


def _details(pair: Mapping[str, Any]) -> list[str]:
    """What differs in the scenario, and the largest causes of people won and lost."""
    lines = [
        f"{c['key']}: {value_text(c['key'], c['before'])} -> {value_text(c['key'], c['after'])}"
        for c in pair["changes"][:6]
    ]
    if len(pair["changes"]) > 6:
        lines.append(f"and {len(pair['changes']) - 6} more keys (--json lists them)")
    for word, when in (("won", "before"), ("lost", "now")):
        by_cause = list(pair[f"{word}_by_cause"].items())
        lines += [f"{people:>9,} {word}: {when}, {CAUSES[cause]}" for cause, people in by_cause[:3]]
    return lines
