"""Who, why and where: the brief's funnel, headlines and tables."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from ewsim.metrics import words
from ewsim.metrics.causes import funnel, who_and_why
from ewsim.report.speech import Speech
from ewsim.report.table import PageTable, make_table
from ewsim.result.record import Result

#: Places in the brief's table.
_PLACES = 8
#: What each kind of group is called; also the order of the table.
_KINDS = {
    "sex": "Sex",
    "age_band": "Age",
    "disability": "Disability",
    "settlement": "Settlement",
    "poverty": "Poverty",
    "language": "Language",
    "residence": "Residence",
}
_STEPS = {
    "in_area": "people in the alert area",
    "old_enough": "{age} and over, or with a phone",
    "has_phone": "with a phone",
    "switched_on": "switched on",
    "covered": "where the network covers them",
    "mast_up": "whose mast is in service",
    "addressed": "whose cell or phone is addressed",
    "shown": "whose phone showed the alert",
    "reads": "who read a language of it",
}


class FunnelBar(NamedTuple):
    """A bar of the funnel: its words, people left and lost, and its width of everybody [percent]."""

    text: str
    people: str
    lost: str
    width: str


class KeyFigure(NamedTuple):
    """A figure of the first page, and how uncertain it is."""

    name: str
    value: str
    spread: str


def steps(result: Result, say: Speech) -> list[FunnelBar]:
    """The funnel from everybody in the area to those who could read what their phone showed."""
    summary = result.summary()
    age = result.scenario.population.handsets.own_phone_age_years
    unread = words.unread(summary)
    found = funnel(result.ledger, age, None if unread is None else unread["reached"])
    whole, before, made = max(summary["in_area"], 1), None, []
    for name, left in found.items():
        if name == "old_enough" and not age:
            continue
        text = say.capital(say(_STEPS[name], **({"age": age} if name == "old_enough" else {})))
        if left is None:
            made.append(FunnelBar(text, say("not modelled"), "", "0"))
            continue
        lost = "" if before is None or before == left else say.isolated(f"\u2212{say.number(before - left)}")
        made.append(FunnelBar(text, say.number(left), lost, f"{left / whole * 100:.2f}"))
        before = left
    return made


def headlines(result: Result, say: Speech) -> list[KeyFigure]:
    """The figures of the first page, each with the range that luck gives it."""
    summary, horizon_s = result.summary(), result.horizon_s
    runs, reach = summary.get("replications"), summary["reach"]

    def row(name: str, value: str, metric: str = "") -> KeyFigure:
        return KeyFigure(name, value, _spread(runs, metric, say))

    rows = [row(say("Reached, of everybody"), say.percent(reach["share"]), "reach_share")]
    for _, of in words.others(reach):
        age = of.get("age_years")
        who = (
            say("Reached, of people of {age} and over", age=age)
            if age
            else say("Reached, of people with a phone")
        )
        rows.append(row(who, say.percent(of["share"]), f"{'phone_age' if age else 'owners'}_reach_share"))
    for name, share in reach["by_channel"].items():
        title = say("Reached by {channel}", channel=say(words.CHANNELS.get(name, name)))
        rows.append(row(title, say.percent(share), f"reach_{name}_share"))
    for share, time_s in summary["time_to_share_s"].items():
        title = say("Time to {share} of everybody", share=say.percent(float(share)))
        rows.append(row(title, say.within(time_s, horizon_s), f"time_to_{share}_s"))
    return rows


def _spread(runs: Mapping[str, Any] | None, metric: str, say: Speech) -> str:
    """What several runs gave, in words; empty after a single run."""
    if not runs:
        return ""
    found = runs.get(metric)
    if not found:
        return say("range not known")
    if not found["attained"]:
        return say("in none of the runs")
    put = say.duration if metric.endswith("_s") else say.percent
    text = say("{low} to {high}", low=put(found["low"]), high=put(found["high"]))
    if found["attained"] < runs["count"]:
        text += " " + say("(in {n} of the runs)", n=say.number(found["attained"]))
    return text


def _head(first: str, result: Result, say: Speech) -> tuple[str, ...]:
    age = result.scenario.population.handsets.own_phone_age_years
    old = (say("{age} and over", age=age),) if age else ()
    return (
        first,
        say("People"),
        say("Everybody"),
        *old,
        say("With a phone"),
        say("Phone"),
        say("Network"),
        say("Sending"),
    )


def _row(name: str, row: Mapping[Any, Any], old: bool, say: Speech) -> tuple[str, ...]:
    shares = ["share", *(["share_of_age"] if old else []), "share_of_owners"]
    missed = ["phone", "network", "sending"]
    people = say.number(row["people"])
    if not row["modelled"]:
        return (name, people, *([say("not modelled")] * len(shares)), *([""] * len(missed)))
    if row["suppressed"]:
        return (name, people, *([say("too few")] * len(shares)), *([""] * len(missed)))
    return (
        name,
        people,
        *("–" if pd.isna(row[part]) else say.percent(float(row[part])) for part in shares),
        *(say.number(row[part]) for part in missed),
    )


def places_table(result: Result, places: pd.DataFrame, say: Speech) -> PageTable:
    """The places with most people missed: their reach by denominator, and why the others were missed.

    Parameters
    ----------
    result
        A run.
    places
        What `where.place_table` gives.
    say
        The language.
    """
    age = result.scenario.population.handsets.own_phone_age_years
    table = who_and_why(result.ledger, "zone", age)
    missed = table[["phone", "network", "sending"]].sum(axis=1)
    table = table.assign(missed=missed).sort_values("missed", ascending=False, kind="stable")
    names = dict(zip(places["zone"], places["name"], strict=True))
    more = len(table) - _PLACES
    rows = table.head(_PLACES).to_dict("records")
    return make_table(
        say("Where: the places with most people missed"),
        _head(say("Place"), result, say),
        (_row(names.get(row["group"], row["group"]), row, bool(age), say) for row in rows),
        say("Further places, in people.parquet, column zone: {n}.", n=say.number(more)) if more > 0 else "",
        figures=True,
    )


def groups_table(result: Result, say: Speech) -> PageTable:
    """Reach of every group by denominator, and why its others were missed."""
    age = result.scenario.population.handsets.own_phone_age_years
    rows: list[tuple[str, ...]] = []
    for column, kind in _KINDS.items():
        modelled = column not in result.not_modelled
        table = who_and_why(result.ledger, column, age, modelled=modelled)
        if not modelled:
            table = table.head(1).assign(group="", people=table["people"].sum())
        for row in table.to_dict("records"):
            name = say(kind)
            if row["group"]:
                name += ": " + say.isolated(say(str(row["group"]).replace("_", " ")))
            rows.append(_row(name, row, bool(age), say))
    return make_table(say("Who: groups of people"), _head(say("Group"), result, say), rows, figures=True)
