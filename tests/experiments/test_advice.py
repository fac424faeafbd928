"""What would help: measures tried, ranked by people won, and those not tried with the reason."""

import json
from pathlib import Path

import pytest
from studios import TINY, alert_bytes

import ewsim
from ewsim.cli import run
from ewsim.errors import DataError, ScenarioError, UsageError
from ewsim.experiments.advice import advise
from ewsim.report import page
from ewsim.scenario.presets import as_yaml

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"
SMALL = "population.people_count=8000"


@pytest.fixture(scope="module")
def found():
    only = ["national_roaming", "channel_siren", "language_fr", "backup_power"]
    return advise(ISLAND, sets=[SMALL], only=only, costs={"channel_siren": 50}, replications=2)


def test_measures_are_ranked_by_people_won_with_their_ranges(found):
    rows = {row["name"]: row for row in found.document["measures"]}
    net = [row["net_people"] for row in found.document["measures"]]
    assert net == sorted(net, reverse=True)
    assert rows["channel_siren"]["lost_people"] == 0
    assert rows["channel_siren"]["net_people"] > 0
    for row in rows.values():
        assert row["low_people"] <= row["net_people"] <= row["high_people"]
    assert rows["channel_siren"]["people_per_cost"] == rows["channel_siren"]["net_people"] / 50
    assert rows["national_roaming"]["people_per_cost"] is None
    assert "For its stated cost channel_siren" in found.text()


def test_a_language_wins_readers_and_no_reach_and_a_siren_the_other_way(found):
    rows = {row["name"]: row for row in found.document["measures"]}
    assert rows["language_fr"]["net_readers"] > 0
    assert rows["language_fr"]["net_people"] == 0
    assert rows["channel_siren"]["net_readers"] == 0


def test_backup_power_loses_nobody_and_names_sites(found):
    row = next(row for row in found.document["measures"] if row["name"] == "backup_power")
    assert row["lost_people"] == 0
    assert row["low_people"] >= 0
    assert [change["key"] for change in row["changes"]] == ["network.power.independent_sites"]


def test_the_changes_of_a_measure_can_be_set(found):
    sets = [text for row in found.document["measures"] for text in row["sets"]]
    assert ewsim.load_scenario(ISLAND, sets=[SMALL, *sets]).spec.network.national_roaming


def test_what_cannot_be_tried_has_its_reason(found):
    reasons = {row["name"]: row["reason"] for row in found.document["not_tried"]}
    assert reasons["channel_cell_broadcast"] == "The scenario has it already."
    assert "deployable_cells" not in reasons  # not asked for


def test_a_measure_that_cannot_run_there_is_not_tried_and_the_others_are(tmp_path):
    data = {**TINY, "population": {**TINY["population"], "people_count": 60}}
    (tmp_path / "s.yaml").write_text(as_yaml(data))
    (tmp_path / "alert.xml").write_bytes(alert_bytes())
    found = advise(
        tmp_path / "s.yaml", only=["channel_siren", "national_roaming", "longer_broadcast"]
    ).document
    reasons = {row["name"]: row["reason"] for row in found["not_tried"]}
    assert reasons["channel_siren"].startswith("no siren stands in the alert area")
    assert "channel_siren" not in [row["name"] for row in found["measures"]]


def test_deployable_cells_are_tried_where_they_warn_most():
    sets = [SMALL, "horizon_s=3h", "channels.cell_broadcast.duration_s=3h"]
    found = advise(ISLAND, sets=sets, only=["deployable_cells"]).document
    (row,) = found["measures"]
    assert row["net_people"] > 0
    assert row["lost_people"] == 0
    assert "5 cells on light trucks" in row["words"]


def test_costs_of_nothing_and_odd_costs_are_refused(capsys):
    with pytest.raises(UsageError, match="Did you mean 'national_roaming'"):
        advise(ISLAND, sets=[SMALL], costs={"national_roamin": 1})
    for cost in ("national_roaming", "national_roaming=0", "national_roaming=nan", "a=b"):
        assert run(["advise", str(ISLAND), "--cost", cost]) == 2
    assert "MEASURE=COST" in capsys.readouterr().err


def test_a_result_keeps_its_advice_and_its_report_names_the_best(found, tmp_path):
    from dataclasses import replace

    from support import make_result

    replace(make_result(), advice=found.document).save(tmp_path / "out")
    result = ewsim.Result.load(tmp_path / "out")
    assert result.advice == found.document
    assert "Not tried in this run" not in page.render(result)
    assert "Not tried in this run" in page.render(make_result())
    document = json.loads((tmp_path / "out/run.json").read_text("utf-8"))
    document["advice"]["measures"] = [{"name": "x"}]
    (tmp_path / "out/run.json").write_text(json.dumps(document), "utf-8")
    with pytest.raises(DataError, match="damaged or was changed"):
        ewsim.Result.load(tmp_path / "out")


def test_a_site_that_is_not_there_cannot_have_power():
    loaded = ewsim.load_scenario(ISLAND, sets=[SMALL, 'network.power.independent_sites=["site_0x"]'])
    with pytest.raises(ScenarioError, match="no site 'site_0x'"):
        ewsim.run_scenario(loaded)
