"""The package of docs/guides/own_channel.md, installed for one process at a time and run."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guides" / "own_channel.md").read_text(encoding="utf-8")
SCENARIO = ROOT / "scenarios" / "island_cyclone.yaml"


def fenced(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


@pytest.fixture
def package(tmp_path):
    """A folder that looks like the site-packages of somebody who installed it."""
    (tmp_path / "my_channels.py").write_text(fenced("python"), encoding="utf-8")
    info = tmp_path / "my_channels-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-channels\nVersion: 1.0\n")
    points = fenced("toml").replace('[project.entry-points."ewsim.channels"]', "[ewsim.channels]")
    (info / "entry_points.txt").write_text(points.replace('"', ""))
    return tmp_path


def ewsim(package, *arguments):
    path = os.pathsep.join(p for p in (str(package), os.environ.get("PYTHONPATH", "")) if p)
    return subprocess.run(
        [sys.executable, "-m", "ewsim", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=200,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
    )


def run(package, *arguments):
    return ewsim(package, "run", SCENARIO, "--set", "population.people_count=2000", *arguments)


def test_a_scenario_switches_the_channel_on_and_its_people_are_counted(package):
    done = run(
        package,
        "--set",
        "channels.local_radio.listening_share=0.4",
        "--json",
        "--no-report",
        "--replications",
        "3",
        "--workers",
        "2",
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    reach = summary["reach"]
    assert list(reach["by_channel"]) == ["cell_broadcast", "location_based_sms", "local_radio"]
    assert reach["by_channel"]["local_radio"] == pytest.approx(0.4, abs=0.1)
    assert reach["people"] + sum(summary["causes"].values()) == summary["in_area"]
    assert summary["replications"]["reach_local_radio_share"]["attained"] == 3


def test_its_keys_are_checked_like_ours(package):
    done = run(package, "--set", "channels.local_radio.listening=0.4")
    assert done.returncode == 3
    assert "listening_share" in done.stderr
    done = run(package, "--set", "channels.local_radio.listening_share=4")
    assert done.returncode == 3
    assert "at most 1" in done.stderr


def test_without_the_package_there_is_no_such_key(tmp_path):
    done = run(tmp_path, "--set", "channels.local_radio={}")
    assert done.returncode == 3
    assert "local_radio" in done.stderr


def test_a_package_that_cannot_be_loaded_is_named(package):
    (package / "my_channels.py").write_text("import no_such_module\n")
    done = run(package)
    assert done.returncode == 2
    assert "local_radio" in done.stderr
    assert "no_such_module" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_package_cannot_take_the_name_of_our_channels(package):
    points = package / "my_channels-1.0.dist-info" / "entry_points.txt"
    points.write_text("[ewsim.channels]\nsiren = my_channels:KIND\n")
    done = run(package)
    assert done.returncode == 2
    assert "siren" in done.stderr


def test_the_published_schema_is_the_same_with_and_without_it(package):
    plain = ewsim(package.parent, "scenario", "schema").stdout
    assert ewsim(package, "scenario", "schema").stdout == plain
