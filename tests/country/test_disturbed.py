"""Disturbances that name what is not there are refused, and those that do nothing get a note."""

from __future__ import annotations

from pathlib import Path

import pytest

from ewsim.cli import run as ewsim
from ewsim.country.build import CheckedParts, build_country
from ewsim.country.checking import check_country
from ewsim.errors import InputError, ScenarioError
from ewsim.scenario.load import load_arms, load_scenario

ISLAND = Path(__file__).parents[2] / "scenarios" / "island_cyclone.xml"
HEAD = """\
format: ewsim.scenario/1
name: s
horizon_s: 600
alert: {path: s.xml, authoring_delay_s: 60}
population: {people_count: 300, island: {centre: [15.5, -45.0], area_km2: 300}, settlement_count: 3}
"""


def scenario(folder, disturbances, more=""):
    """A file with the disturbances on lines of their own, from line 7."""
    (folder / "s.xml").write_bytes(ISLAND.read_bytes())
    file = folder / "s.yaml"
    file.write_text(f"{HEAD}disturbances:\n{disturbances}\n{more}")
    return file


def place(file, key):
    """Where a key stands on line 7."""
    return f"7:{file.read_text().splitlines()[6].index(key) + 1}"


@pytest.mark.parametrize(
    ("where", "at", "said"),
    [
        ("sites: [west]", "west", "the network has no site 'west'. There are: site_"),
        ("feeders: [feeder_99]", "feeder_99", "the network has no feeder 'feeder_99'. Did you mean 'feeder_"),
        ("feeders: [hydro]", "hydro", "the network has no feeder 'hydro'. There are: feeder_"),
    ],
)
def test_sites_and_feeders_that_are_not_there_are_refused_with_the_nearest_name(tmp_path, where, at, said):
    file = scenario(tmp_path, f"  - {{kind: site_destroyed, at_s: 0, where: {{{where}}}}}")
    for check in (build_country, check_country):
        with pytest.raises(ScenarioError) as raised:
            check(load_scenario(file))
        assert str(raised.value.diagnostics[0]).startswith(f"{file}:{place(file, at)}: {said}")


@pytest.mark.parametrize(
    ("keys", "at", "said"),
    [
        ("at_s: 600", "at_s", "this comes 600 s after the decision, and the run ends after 600 s."),
        ("at_s: 0, where: {share: 0}", "share", "this hits no site: share is 0."),
        (
            "at_s: 0, where: {area: {circles: [{centre: [-45.0, 15.5], radius_m: 30000}]}}",
            "area",
            "this hits no site of the network. Latitude and longitude seem swapped: latitude",
        ),
        (
            "at_s: 0, where: {area: {circles: [{centre: [50, 10], radius_m: 30000}]}}",
            "area",
            "this hits no site of the network. No site is in its area.",
        ),
    ],
)
def test_a_disturbance_that_does_nothing_is_a_note_with_its_place(tmp_path, keys, at, said, capsys):
    file = scenario(tmp_path, f"  - {{kind: site_destroyed, {keys}}}")
    loaded = load_scenario(file)
    for notes in (check_country(loaded).notes, build_country(loaded).notes):
        (note,) = [note for note in notes if note.startswith("s.yaml:")]
        assert note.startswith(f"s.yaml:{place(file, at)}: warning: {said}")
    assert ewsim(["scenario", "check", str(file)]) == 0
    *checked, left_out = capsys.readouterr().err.splitlines()
    assert left_out.startswith("not checked: ")
    assert ewsim(["run", str(file), "--json"]) == 0
    assert capsys.readouterr().err.splitlines() == checked


def test_the_place_is_that_of_the_arm_which_says_it(tmp_path):
    arm = "arms:\n  a:\n    disturbances:\n      - {kind: power_loss, at_s: 900}\n"
    file = scenario(tmp_path, "  - {kind: power_loss, at_s: 60}", arm)
    assert check_country(load_scenario(file)).notes == ()
    (note,) = check_country(load_scenario(file, arm="a")).notes
    assert note.startswith("s.yaml:11:28: warning: this comes 900 s after")


def test_check_refuses_an_alert_off_the_network_with_the_words_of_run(tmp_path, capsys):
    file = scenario(tmp_path, "  - {kind: power_loss, at_s: 60}")
    swapped = ["--set", "population.island.centre=[-45, 15.5]"]
    said = []
    for command in (["scenario", "check"], ["run"]):
        assert ewsim([*command, str(file), *swapped]) == 3
        said.append(capsys.readouterr().err)
    assert said[0] == said[1]
    assert "if latitude and longitude of one of the two were swapped" in said[0]


def test_arms_share_what_they_have_in_common(tmp_path):
    """200 arms are checked on one ground and one message, unless they change them."""
    arms = "arms:\n" + "".join(f"  a{n}: {{seed: {n}, horizon_s: {600 + n}}}\n" for n in range(1, 200))
    parts, file = CheckedParts(), scenario(tmp_path, "  - {kind: power_loss, at_s: 60}", arms)
    variants = list(load_arms(file))
    assert len(variants) == 200
    assert [check_country(variant, parts).notes for variant in variants] == [()] * 200
    assert (len(parts.grounds), len(parts.messages), len(parts.targets)) == (1, 1, 1)


WRONG = """\
  - {id: a, kind: flood, path: f.geojson, at_s: x}
  - {id: b, kind: power_loss, at_s: 10, restored_at_s: 5, where: {feeders: [hydro]}}
  - {id: c, kind: outage_table, path: o.csv}
  - {id: d, kind: floodd, at_s: 1}"""


IN_KEYS = {"s.yaml:7:49", "s.yaml:8:41", "s.yaml:10:5"}
IN_FILES = {"f.geojson:2:46", "o.csv:2:3"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", {"s.yaml:8:77", "o.csv:2:1"}),
        # The network cannot be built, and its names are not known; what files hold is.
        ("network: {synthesis: {coverage_target: 2}}", {"s.yaml:11:40"}),
    ],
)
def test_faults_of_the_keys_hide_none_of_the_network_and_of_files(tmp_path, capsys, more, said):
    square = '{"type": "Polygon", "coordinates": [[[0,0],[1,0],[1,1],[0,0]]]}'
    feature = f'{{"type": "Feature", "properties": {{"from_s": "soon", "depth_m": 1}}, "geometry": {square}}}'
    (tmp_path / "f.geojson").write_text(f'{{"type": "FeatureCollection", "features": [\n{feature}]}}')
    (tmp_path / "o.csv").write_text("site,start_h,end_h\nnowhere,1,0\n")
    file = scenario(tmp_path, WRONG, more)
    said = said | IN_KEYS | IN_FILES
    assert ewsim(["scenario", "check", str(file)]) == 3
    lines = capsys.readouterr().err.splitlines()
    assert {line.removeprefix(f"{tmp_path}/").partition(": ")[0] for line in lines} == said
    assert len(lines) == len(said)
    assert ewsim(["run", str(file)]) == 3  # which refuses the same, in the same words
    assert capsys.readouterr().err.splitlines() == lines


def test_a_wrong_network_hides_no_fault_of_a_hazards_file(tmp_path):
    (tmp_path / "o.csv").write_text("site,start_h,end_h\nnowhere,1,0\n")
    (tmp_path / "cells.csv").write_text("lat,lon\nnorth,1\n")
    more = "network: {path: cells.csv, operators: [{name: a, share: 1.0}]}"
    file = scenario(tmp_path, "  - {kind: outage_table, path: o.csv}", more)
    with pytest.raises(InputError) as raised:
        check_country(load_scenario(file))
    assert {Path(fault.file).name for fault in raised.value.diagnostics} == {"cells.csv", "o.csv"}
