"""Values without sense are refused at their key: shares, times, rings, languages, arms, long texts."""

from __future__ import annotations

import pytest

from ewsim.errors import ScenarioError
from ewsim.scenario.load import load_scenario

CROSSED = "{polygons: [[[15.4, -45.1], [15.6, -44.9], [15.4, -44.9], [15.6, -45.1]]]}"
LINE = "{polygons: [[[15, -45], [15.1, -45], [15.2, -45]]]}"


def faults(tmp_path, rooms):
    """What is said of a scenario with these lines, without the file's name."""
    (tmp_path / "s.xml").write_text("<alert/>")
    file = tmp_path / "s.yaml"
    alert = "" if rooms.startswith("alert") else "alert: {path: s.xml}\n"
    file.write_text(f"{rooms}\n{alert}format: ewsim.scenario/1\nname: s\n")
    with pytest.raises(ScenarioError) as raised:
        load_scenario(file)
    return [str(found).removeprefix(f"{file}:") for found in raised.value.diagnostics]


FALLING = "[{at_s: 5, share: 0.5}, {at_s: 6, share: 0.4}]"


@pytest.mark.parametrize(
    ("rooms", "said"),
    [
        ("population: {age_shares: [1, -1, 1, 1, 1, 1, 1]}", "1:30: item 1 must be at least 0, not -1."),
        ("population: {age_shares: [0, 0, 0, 0, 0, 0, 0]}", "1:26: age_shares: all shares are 0;"),
        ("population: {age_shares: [1, 1]}", "1:26: age_shares must have at least 7 items, not 2."),
        ("population: {handsets: {rat_shares: {3G: 0}}}", "1:37: rat_shares: all shares are 0;"),
        ("population: {handsets: {rat_shares: {3G: true}}}", "1:42: 3G must be a number, not true."),
        (
            "population: {disability_shares: {sight: 0.7, mobility: 0.4}}",
            "1:33: disability_shares: the shares add up to 1.1; together they are at most 1.",
        ),
        (
            "population: {rural_share: 15}",
            "1:27: rural_share must be at most 1, not 15. A share is of 1: for",
        ),
        ("population: {languages: [{tag: es}, {tag: ES}]}", "1:25: languages: the language es stands twice;"),
        ("population: {languages: [{tag: Spanish}]}", "1:32: tag is 'Spanish': write es."),
        ("population: {languages: [{tag: klingon}]}", "1:32: tag is 'klingon': write a tag such as es,"),
        ("population: {people_count: true}", "1:28: people_count must be a whole number, not 'true'."),
        ("disturbances: [{kind: power_loss, at_s: -1.0e10}]", "1:41: at_s must be at least -1000000000, not"),
        (
            "disturbances: [{kind: power_loss, at_s: 0, restored_at_s: 1.0e13}]",
            "1:59: restored_at_s must be at most 1000000000",
        ),
        (
            "disturbances: [{kind: power_loss, at_s: 9, restored_at_s: 5}]",
            "1:44: restored_at_s (5) is not after at_s (9).",
        ),
        (
            "disturbances: [{kind: power_loss, at_s: 9, restoration: {stages: [{at_s: 5, share: 1}]}}]",
            "1:68: this stage (5 s) is not after at_s (9 s).",
        ),
        (
            f"disturbances: [{{kind: power_loss, at_s: 0, restoration: {{stages: {FALLING}}}}}]",
            "1:100: the share falls from 0.5 to 0.4; what is back stays back.",
        ),
        (
            "disturbances: [{kind: power_loss, at_s: 0, id: a}, {kind: road_cut, at_s: 0, id: a}]",
            "1:78: disturbance 1 has the id 'a' too.",
        ),
        (
            "network: {power: {generator_failures_per_day: -1}}",
            "1:47: generator_failures_per_day must be at least 0",
        ),
        ("network: {power: {recharge_s: -5}}", "1:31: recharge_s must be greater than 0"),
        ("horizon_s: 1.0e-6", "1:12: horizon_s must be at least 1, not 1e-06."),
        ("channels: {community_relay: {told_per_s: 1.0e-9}}", "1:42: told_per_s must be at least 1e-05"),
        ("channels: {location_based_sms: {surge: {at_s: 1.0e99}}}", "1:47: at_s must be at most 1000000000"),
        (
            f"alert: {{path: s.xml, area_override: {CROSSED}}}",
            "1:49: item 0: its sides cross; give the corners",
        ),
        (
            f"alert: {{path: s.xml, area_override: {LINE}}}",
            "1:49: item 0: it encloses nothing; give at least",
        ),
        ("arms: {quick: 5}", "1:15: quick must be a mapping of keys to values, not 5."),
        (f"title: {'a' * 300}", "1:8: title must have at most 200 characters, not 300."),
        (f"alert: {{path: {'a' * 300}}}", "1:15: there is no file 'aaa"),
    ],
)
def test_a_value_out_of_bounds_is_refused_at_its_key(tmp_path, rooms, said):
    (answer,) = faults(tmp_path, rooms)
    assert answer.startswith(said)


def test_an_arm_that_is_no_mapping_hides_no_other_fault(tmp_path):
    first, second = faults(tmp_path, "horizon_s: -1\narms: {quick: 5}")
    assert (first[:5], second[:5]) == ("1:12:", "2:15:")


@pytest.mark.parametrize(
    "ring",
    [
        "[[17, 179.9], [17, -179.9], [18, -179.9], [18, 179.9]]",  # across the antimeridian
        "[[0, 0], [0, 4], [4, 4], [4, 0], [0, 0], [1, 1], [2, 1], [2, 2], [1, 1], [0, 0]]",
    ],
)
def test_a_ring_that_only_looks_crossed_is_taken(tmp_path, ring):
    (tmp_path / "s.xml").write_text("<alert/>")
    file = tmp_path / "s.yaml"
    area = f"area_override: {{polygons: [{ring}]}}"
    file.write_text(f"alert: {{path: s.xml, {area}}}\nformat: ewsim.scenario/1\nname: s\n")
    assert len(load_scenario(file).spec.alert.area_override.polygons) == 1


def test_a_file_with_very_many_faults_lists_the_first_and_counts_the_rest(tmp_path):
    found = faults(tmp_path, "\n".join(f"k{n}: 1" for n in range(1000)))
    assert len(found) == 201
    assert found[-1] == "201:1: 800 more faults from here on. Fix these first."
