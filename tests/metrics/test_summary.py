"""The document of a run: its promised keys, its arm, its replications, and that it is JSON."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from support import make_result

from ewsim.metrics import reach
from ewsim.metrics.replications import headline


@pytest.fixture(scope="module")
def runs() -> pd.DataFrame:
    return pd.DataFrame([headline(make_result(seed=seed).ledger) for seed in range(1, 6)])


def test_the_document_is_json_and_adds_up():
    result = make_result()
    document = result.summary(outputs={"report": "out/report.html"})
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["format"] == "ewsim.run/1"
    assert document["outputs"] == {"report": "out/report.html"}
    assert result.summary()["outputs"] == {}, "one call leaves nothing in the next"
    people = result.people
    assert document["population"] == people["weight"].sum()
    assert document["handsets"] == people.loc[people["operator"] != "none", "weight"].sum()
    assert document["in_area"] == people.loc[people["in_area"], "weight"].sum()
    reached = people["in_area"] & people["reached_s"].notna()
    assert document["reach"]["people"] == people.loc[reached, "weight"].sum()
    assert sum(document["causes"].values()) + document["reach"]["people"] == document["in_area"]
    assert set(document["reach"]["by_group"]) == set(reach.GROUPS)
    for groups in document["reach"]["by_group"].values():
        assert sum(g["people"] for g in groups.values()) == document["in_area"]
    assert "replications" not in document


def test_replications_are_summed_up_by_metric(runs):
    document = make_result(replications=runs).summary()
    found = document["replications"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["count"] == 5
    assert set(found) == {"count", *runs.columns}
    assert found["reach_people"] == {
        "median": runs["reach_people"].median(),
        "mean": pytest.approx(runs["reach_people"].mean()),
        "low": runs["reach_people"].min(),
        "high": runs["reach_people"].max(),
        "attained": 5,
    }


def test_replications_are_in_the_text_for_the_terminal(runs):
    assert "Over 5 runs" in make_result(replications=runs).text()
    assert "Over" not in make_result().text()
