"""The shipped island, run, saved and opened: the slider's count against the table on the disk."""

from pathlib import Path

import pandas as pd
import pytest

from ewsim import report
from ewsim.experiments.replications import run_scenario
from ewsim.report.replay import page as replay
from ewsim.scenario.load import load_scenario

pytestmark = pytest.mark.browser

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.yaml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("island") / "out"
    result = run_scenario(load_scenario(ISLAND, sets=["population.people_count=10000"]))
    result.save(folder, pages={"report.html": report.write, "replay.html": replay.write})
    return folder


def test_the_report_of_a_run_opens_and_is_quiet(folder, look):
    opened = look(folder / "report.html")
    assert opened.page.locator("figure svg[role=img]").count() >= 5
    assert opened.requests == []
    assert opened.complaints == []


def test_the_sliders_count_is_the_one_on_the_disk(folder, look):
    people = pd.read_parquet(folder / "people.parquet")
    inside = people[people["in_area"]]
    opened = look(folder / "replay.html")
    page = opened.page
    last = int(page.locator("#slider").get_attribute("max"))
    for place in (0, last // 4, last // 3, last // 2, 2 * last // 3, last):
        page.locator("#slider").fill(str(place))
        shown = int(page.locator("#reached").inner_text().replace(",", ""))
        time_s = float(page.locator("#reached").get_attribute("data-time-s"))
        assert shown == inside.loc[inside["reached_s"] <= time_s, "weight"].sum()
    assert shown > 0
    assert opened.requests == []
    assert opened.complaints == []
