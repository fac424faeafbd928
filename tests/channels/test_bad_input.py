"""What cannot be, of SMS and sirens: refused with its place, or cut with a note."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import shapely

from ewsim.cap.reader import read_alert
from ewsim.channels.wiring import Made, Wiring, make_channels
from ewsim.engine import benchmark_world
from ewsim.errors import Diagnostic, EwsimError, ScenarioError
from ewsim.scenario.load import load_scenario
from ewsim.scenario.model import scenario_model

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def faults(tmp_path: Path, channels: str) -> list[Diagnostic]:
    """What the reader says of the island with these channels, with line numbers in them."""
    text = (SCENARIOS / "island_cyclone.yaml").read_text(encoding="utf-8")
    head, rest = text.split("channels:\n", 1)
    tail = rest[rest.index("disturbances:") : rest.index("arms:")]
    path = tmp_path / "island.yaml"
    path.write_text(f"{head}channels:\n{channels}\n{tail}", encoding="utf-8")
    shutil.copy(SCENARIOS / "island_cyclone.xml", tmp_path)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    return list(caught.value.diagnostics)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("rate_per_s: 0", "at least 0.001"),
        ("rate_per_s: .inf", "finite"),
        ("validity_s: 40000000", "at most"),
        ("retry_s: [60, -1]", "greater than 0"),
        ("paging_repeat_s: 1", "still waits"),
        ("paging_records_count: 17", "at most 16"),
        ("background_load_share: 1", "at most 0.99"),
        ("lookup_s: 1.0e+300", "at most 1000000000"),
        ("operator_rates_per_s: {Red: 5}", "no operator 'Red'"),
        ("surge: {calls_factor: 0.5}", "at least 1"),
        ("only_for: 2g", "2g_3g"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused_at_its_place(tmp_path: Path, line: str, said: str) -> None:
    found = faults(tmp_path, f"  location_based_sms:\n    {line}")
    assert len(found) == 1
    assert said in str(found[0])
    text = (tmp_path / "island.yaml").read_text(encoding="utf-8").splitlines()
    assert text[found[0].line - 1].strip() == line


def test_all_of_them_are_told_at_once(tmp_path: Path) -> None:
    lines = ["rate_per_s: 0", "validity_s: 0", "sdcch_count: 0", "nothing: 1"]
    found = faults(tmp_path, "  location_based_sms:\n" + "\n".join(f"    {x}" for x in lines))
    assert len(found) == 4


def make(name: str, keys: dict, alert: Path = SCENARIOS / "island_cyclone.xml") -> Made:
    scenario = scenario_model().model_validate(
        {
            "format": "ewsim.scenario/1",
            "name": "x",
            "alert": {"path": "x.xml"},
            "channels": {"cell_broadcast": None, name: keys},
        }
    )
    world = benchmark_world.setup(100, 12)

    def fault(key: str, message: str, fix: str) -> EwsimError:
        return ScenarioError([Diagnostic("x.yaml", 1, 1, f"{key}: {message}.", fix)])

    wiring = Wiring(
        scenario,
        read_alert(alert),
        shapely.box(-1e6, -1e6, 1e6, 1e6),
        world.network,
        world.population,
        np.ones(len(world.network.cells), dtype=np.bool_),
        fault,
    )
    return make_channels(wiring)[0]


def test_retries_after_the_validity_period_are_never_made_and_that_is_told() -> None:
    assert make("location_based_sms", {}).notes == ()
    notes = make("location_based_sms", {"validity_s": 600}).notes
    assert len(notes) == 1
    assert "last 2" in notes[0]  # 60, 360, 1260, 3060 s


def test_a_text_of_more_than_255_parts_is_cut_and_that_is_told(tmp_path: Path) -> None:
    text = (SCENARIOS / "island_cyclone.xml").read_text(encoding="utf-8")
    start = text.index("<description>") + len("<description>")
    path = tmp_path / "long.xml"
    path.write_text(text[:start] + "flood " * 7000 + text[start:], encoding="utf-8")
    made = make("location_based_sms", {"text": "description"}, path)
    assert made.sent["part_count"] == 255
    assert len(made.sent["text"]) == 255 * 153
    assert "255 parts" in made.notes[0]


def test_sirens_that_stand_nowhere_in_the_area_are_refused() -> None:
    with pytest.raises(ScenarioError, match=r"channels\.siren: no siren stands"):
        make("siren", {"positions": [[50.0, 50.0]]})
    assert make("siren", {"positions": [[0.01, 0.01]]}).notes == ()
    assert "grid" in make("siren", {"people_each_count": 1}).notes[0]
