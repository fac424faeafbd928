"""Sweeps: what varies, which points are run, and what they say."""

import dataclasses
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from command import called

import ewsim
from ewsim.errors import ScenarioError, UsageError
from ewsim.experiments.sweep.design import checked, one_at_a_time, sobol_samples, together
from ewsim.experiments.sweep.factors import Factor, assumed_factors, factor_of, sets_of, value_now
from ewsim.experiments.sweep.running import sweep
from ewsim.metrics.sensitivity import analysis as sensitivity
from ewsim.metrics.sensitivity.record import most_uncertain, tornado_rows
from ewsim.report.sweep import page
from ewsim.scenario.load import load_changed, load_scenario
from ewsim.scenario.starting.starter import write_starter

SMALL = ("population.people_count=300",)
BATTERY = "network.power.battery_median_s"
ON = "population.handsets.on_share"


@pytest.fixture(scope="module")
def starter(tmp_path_factory):
    path = tmp_path_factory.mktemp("sweep") / "a.yaml"
    write_starter(path)
    return path


@pytest.fixture(scope="module")
def loaded(starter):
    return load_scenario(starter, SMALL)


@pytest.fixture(scope="module")
def found(loaded):
    factors = [factor_of(f"{BATTERY}=30min..8h"), factor_of("population.handsets.on_share=0.6,0.9")]
    return sweep(loaded, factors, sets=SMALL, design="grid", replications=2)


# --- what varies ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "low", "middle", "high"),
    [
        ("a_s=2h..4h", 7200, 10800, 14400),
        ("a=uniform(1, 3)", 1, 2, 3),
        ("a=loguniform(1, 100)", 1, 10, 100),
        ("a=triangular(0, 1, 2)", 0, 1, 2),
        ("a=triangular(0, 0, 1)", 0, 1 - 0.5**0.5, 1),
    ],
)
def test_a_range_has_its_ends_and_its_middle(text, low, middle, high):
    factor = factor_of(text)
    assert [factor.at(share) for share in (0, 0.5, 1)] == pytest.approx([low, middle, high], rel=1e-5)


def test_laws_without_ends_are_cut_at_their_tails():
    normal, lognormal = factor_of("a=normal(10, 2)"), factor_of("a=lognormal(10, 0.5)")
    assert normal.at(0.5) == lognormal.at(0.5) == 10
    assert normal.at(0) == pytest.approx(10 - 2 * 3.0902, rel=1e-4)
    assert lognormal.at(0.975) == pytest.approx(10 * np.exp(0.5 * 1.95996), rel=1e-4)


def test_lists_keep_commas_in_brackets_and_quotes():
    assert factor_of("a=[1, 2],[3]").values == ([1, 2], [3])
    assert factor_of("a='x,y',z").values == ("x,y", "z")
    assert factor_of("a_share=5%,10%").values == (0.05, 0.1)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a=",
        "=1,2",
        "a=1",
        "a=1,1",
        "a=3..1",
        "a=1..1",
        "a=x..y",
        "a=normal(1)",
        "a=normal(1, -2)",
        "a=loguniform(0, 1)",
        "a=triangular(1, 0, 2)",
        "a=uniform(nan, 1)",
        "a=1..2..3",
    ],
)
def test_what_varies_nothing_is_refused(text):
    with pytest.raises(UsageError, match="--over"):
        factor_of(text)


def test_every_fault_of_the_keys_is_said_at_once(starter):
    overs = [
        "population.peple_count=1,2",
        f"{BATTERY}=-5..3",
        "population.handsets.on_share=normal(0.9, 0.5)",
    ]
    done = called("sweep", starter, *(word for over in overs for word in ("--over", over)))
    assert done.returncode == 3
    lines = done.stderr.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [f"--over {over}" for over in overs]
    assert "Did you mean 'people_count'?" in lines[0]
    for line in lines[1:]:
        assert "must be " in line


def test_a_figure_that_is_none_is_named_and_nothing_to_vary_is_refused(starter):
    sets = ("--set", SMALL[0])
    done = called("sweep", starter, *sets, "--over", "horizon_s=1h,2h", "--figure", "joy")
    assert (done.returncode, "There are: reach_people" in done.stderr) == (2, True)
    assert called("sweep", starter).returncode == 2
    twice = called("sweep", starter, "--over", "horizon_s=1h,2h", "--over", "horizon_s=3h,4h")
    assert (twice.returncode, "twice" in twice.stderr) == (2, True)


# --- points ---------------------------------------------------------------------------------------


def test_samples_fill_each_key_evenly():
    factors = [factor_of("a=0..1"), factor_of("b=0..1")]
    points = together(factors, "lhs", 8, seed=1)
    for place in range(2):
        assert sorted(int(8 * point.values[place]) for point in points) == list(range(8))
    assert points == together(factors, "lhs", 8, seed=1) != together(factors, "lhs", 8, seed=2)
    first, second = sobol_samples(3, 8, seed=1)
    assert first.shape == second.shape == (8, 3)
    with pytest.raises(UsageError, match="power of 2"):
        sobol_samples(3, 10, seed=1)


def test_a_grid_has_every_combination_and_an_end():
    factors = [factor_of("a=1,2,3"), factor_of("b=0..1")]
    assert len({point.values for point in together(factors, "grid", 1, 1)}) == 15
    with pytest.raises(UsageError, match="more than 100,000"):
        together([factor_of(f"{name}=0..1") for name in "abcdefgh"], "grid", 1, 1)


def test_an_assumption_at_its_present_value_changes_nothing(loaded):
    factors, stated = assumed_factors(loaded.spec)
    assert len(factors) > 80
    assert not {factor.name for factor in factors} & set(stated)
    for factor in factors:
        now = value_now(factor, loaded.spec)
        if factor.law and now is not None:
            same = load_changed(loaded, [*SMALL, *sets_of([factor], [now])])
            assert same.spec.model_dump() == loaded.spec.model_dump(), factor.name


def test_two_parts_of_one_value_are_set_together(loaded):
    factors, _ = assumed_factors(loaded.spec)
    ages = [factor for factor in factors if factor.path == "population.age_shares"]
    (change,) = sets_of(ages, [0.3, 0.02])
    assert json.loads(change.partition("=")[2])[::6] == [0.3, 0.02]


# --- a whole sweep --------------------------------------------------------------------------------


def test_every_run_is_a_row_with_every_key(found, loaded):
    table, document = found.table, found.document
    assert document["runs"] == len(table) == 2 * (1 + 2 + 2 + 10)
    assert list(table)[:6] == [
        *("point", "part", "changed", "replication"),
        BATTERY,
        "population.handsets.on_share",
    ]
    assert table[list(table)[:6]].notna().all(axis=None)
    assert set(document["columns"]) == set(list(table)[:6])


def test_points_share_people_and_luck(found):
    grid = found.table[found.table["part"] == "grid"]
    same = found.table[
        (found.table["part"] == "one") & (found.table["changed"] == "population.handsets.on_share")
    ]
    fewer, more = (same[same["population.handsets.on_share"] == share] for share in (0.6, 0.9))
    assert (more["reach_people"].to_numpy() > fewer["reach_people"].to_numpy()).all()
    by_battery = grid.pivot_table(index="replication", columns=BATTERY, values="reach_people")
    assert (by_battery.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)  # longer batteries lose nobody


def test_the_largest_change_comes_first_and_is_said(found):
    first, second = found.document["tornado"]
    assert first["swing"] > second["swing"] > 0.05
    assert f"most does {first['key']}" in found.text()
    html = page.render(found)
    assert html == page.render(found)
    assert "<svg" in html
    assert "population.<wbr>handsets.<wbr>on_<wbr>share" in html


def test_a_bar_never_stands_alone(found):
    from ewsim.report.sweep import figures

    document = {**found.document, "luck": None}
    assert figures.bars(document) is None
    assert "all keys together" in figures.tornado(document)
    assert "The last bar, in grey" in page.render(dataclasses.replace(found, document=document))
    both = {**document, "luck": document["ignorance"]}
    assert "all keys together" in figures.bars(both)
    assert "all keys together" not in figures.tornado(both)


def test_what_a_key_does_not_touch_is_built_once(loaded, monkeypatch):
    from ewsim.country import build

    made = []
    ground_of = build.ground_of
    monkeypatch.setattr(build, "ground_of", lambda *a: made.append(1) or ground_of(*a))
    sweep(loaded, [factor_of("channels.cell_broadcast.repetition_period_s=10,60")], sets=SMALL)
    assert len(made) == 1


def test_indices_are_those_of_a_sum():
    factors = [factor_of("a=0..1"), factor_of("b=0..1"), factor_of("c=0..1")]
    points = together(factors, "sobol", 256, seed=3)
    rows = [
        {"point": n, "part": p.part, "replication": 0, "y_share": 2 * p.values[0] + p.values[1]}
        for n, p in enumerate(points)
    ]
    found = sensitivity.indices(pd.DataFrame(rows), "y_share", ["a", "b", "c"], seed=1)
    assert [row["key"] for row in found] == ["a", "b", "c"]
    for row, true in zip(found, (0.8, 0.2, 0.0), strict=True):
        assert row["first"] == pytest.approx(true, abs=0.05)
        assert row["total"] == pytest.approx(true, abs=0.05)
        assert row["total_low"] - 0.02 <= true <= row["total_high"] + 0.02
    assert found == sensitivity.indices(pd.DataFrame(rows), "y_share", ["a", "b", "c"], seed=1)


def test_a_folder_has_table_page_and_document_and_a_killed_sweep_goes_on(starter, tmp_path):
    from ewsim.experiments.journal import Journal, identity

    words = ("sweep", starter, "--set", SMALL[0], "--over", "horizon_s=30min,1h,2h", "--design", "one")
    done = called(*words, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert {item.name for item in (tmp_path / "out").iterdir()} == {
        "sweep.html",
        "sweep.json",
        "sweep.parquet",
    }
    schema = pq.read_schema(tmp_path / "out" / "sweep.parquet")
    assert schema.metadata == {b"format": b"ewsim.sweep/1"}
    loaded = load_scenario(starter, SMALL)
    journal = Journal(tmp_path / "again", identity(loaded, kind="sweep"))
    sweep(loaded, [factor_of("horizon_s=30min,1h")], sets=SMALL, journal=journal)
    journal.close(done=False)
    again = called(*words, "-o", tmp_path / "again")
    assert "finished runs are taken" in again.stderr
    for name in ("sweep.parquet", "sweep.json"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_a_report_beside_a_sweep_names_what_would_change_it(starter, tmp_path):
    few = ("--set", SMALL[0])
    assert called("run", starter, *few, "-o", tmp_path / "out", "--no-report").returncode == 0
    loaded = load_scenario(starter, SMALL)
    rows = [{"key": f"k.{n}", "swing": 0.3 - n / 50, "ends": [], "now": 1} for n in range(8)]
    document = {
        "format": "ewsim.sweep/1",
        "scenario_sha256": loaded.sha256,
        "version": ewsim.__version__,
        "assumptions": True,
        "figure": "reach_share",
        "figure_words": "reach",
        "tornado": rows,
        "words": {row["key"]: "<b>assumption</b>" for row in rows},
    }
    for name, changed in (("another", {"scenario_sha256": "x"}), ("swept", {})):
        (tmp_path / name).mkdir()
        (tmp_path / name / "sweep.json").write_text(json.dumps({**document, **changed}))
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "sweep.json").write_text("[")
    done = called("report", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    html = (tmp_path / "out" / "report.html").read_text()
    assert "k.4 (&lt;b&gt;" in html
    assert "k.5 (" not in html
    assert most_uncertain({**document, "tornado": 3}) == []


def test_a_point_that_cannot_be_is_refused_before_any_run(loaded):
    points = one_at_a_time([Factor("horizon_s", "horizon_s", values=(-1,), text="horizon_s=-1")], loaded)
    with pytest.raises(ScenarioError, match="--over horizon_s=-1"):
        checked(points, loaded, SMALL)


@pytest.mark.heavy
def test_assumptions_from_one_and_from_two_workers_are_equal(starter, tmp_path):
    words = ("sweep", starter, "--set", SMALL[0], "--assumptions", "--samples", "4")
    for workers in (1, 2):
        done = called(*words, "--workers", workers, "-o", tmp_path / str(workers))
        assert done.returncode == 0, done.stderr
    assert "Luck: " in done.stdout
    assert "Ignorance: " in done.stdout
    for name in ("sweep.parquet", "sweep.json", "sweep.html"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "sweeps.md"
#: What the guide publishes: the changes of each scenario, and the keys whose rows are held against it.
PUBLISHED = {
    "island_cyclone": (("population.weight=10",), (ON, "network.power.generator_starts_share")),
    "dam_break": ((), (ON, "population.handsets.enabled_share")),
    "small_island_state": (("population.weight=10",), (ON, "population.handsets.wifi_only_share")),
    "mountainous": (("population.weight=10",), (ON, "network.power.battery_works_share")),
}


@pytest.mark.heavy
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_table_is_what_runs_give(name, tmp_path):
    """With EWSIM_RENEW=1 it runs the whole sweep, and writes the table into the guide."""
    sets, keys = PUBLISHED[name]
    path = GUIDE.parents[2] / "scenarios" / f"{name}.yaml"
    if not path.exists():  # a preset
        path = tmp_path / name / "scenario.yaml"
        assert called("network", "make", name, "-o", path.parent).returncode == 0
    loaded = load_scenario(path, sets)
    text = GUIDE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(f"<!-- sweep {name} ")
    published, end, after = rest.partition("<!-- end -->")
    if os.environ.get("EWSIM_RENEW"):
        rows = tornado_rows(sweep(loaded, [], sets=sets, assumptions=True, design="one", workers=2).document)
        mark, *old = published.splitlines()
        new = [mark, *old[:2], *(_published(row) for row in rows[: int(mark.split()[0])]), ""]
        GUIDE.write_text(before + begin + "\n".join(new) + end + after, encoding="utf-8")
        return
    chosen = [factor for factor in assumed_factors(loaded.spec)[0] if factor.name in keys]
    rows = tornado_rows(sweep(loaded, chosen, sets=sets).document)
    assert len(rows) == 2
    for row in rows:
        assert _published(row) in published


def _published(row):
    key, *cells = row
    return f"| `{key}` | {' | '.join(cells)} |"
