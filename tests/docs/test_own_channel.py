"""The package of docs/guides/own_channel.md, installed for one process at a time and run."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guides" / "own_channel.md").read_text(encoding="utf-8")
SCENARIO = ROOT / "scenarios" / "island_cyclone.yaml"


def fenced(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Where pip has installed the page's package from its folder."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site") / "packages"
    (source / "my_channels.py").write_text(fenced("python"), encoding="utf-8")
    (source / "pyproject.toml").write_text(fenced("toml"), encoding="utf-8")
    offline = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    pip = [sys.executable, "-m", "pip", "install", *offline, "--target", str(target), str(source)]
    subprocess.run(pip, check=True, timeout=200)
    return target


@pytest.fixture
def package(installed, tmp_path):
    """A copy of the installed package that a test may change."""
    return shutil.copytree(installed, tmp_path / "packages")


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
    wrong = ("channels.local_radio.listening=0.4", "channels.local_radio.listening_share=4")
    done = run(package, *(word for key in wrong for word in ("--set", key)))
    assert done.returncode == 3
    assert "Write 'listening_share'" in done.stderr
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


def test_its_report_shows_what_it_sent_and_the_words_of_its_cause(package, tmp_path):
    out = tmp_path / "out"
    alone = ["channels.cell_broadcast=null", "channels.location_based_sms=null"]
    sets = [*alone, "channels.local_radio.listening_share=0.1"]
    done = run(package, *(word for key in sets for word in ("--set", key)), "-o", out)
    assert done.returncode == 0, done.stderr
    document = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert document["sent"]["local_radio"]["frequency_mhz"] == 98.5
    assert document["summary"]["causes"]["radio_not_on"] > 500
    assert "they had no radio on" in done.stdout
    shown = ewsim(package, "report", out, "-o", tmp_path / "again.html")
    assert shown.returncode == 0, shown.stderr
    for page in (out / "report.html", tmp_path / "again.html"):
        text = page.read_text(encoding="utf-8")
        assert "Local radio: frequency" in text
        assert "98.5 MHz" in text
        assert "They had no radio on" in text


def test_a_fault_that_it_finds_has_its_place(package):
    done = run(package, "--set", "channels.local_radio.start_delay_s=1.0e+7")
    assert done.returncode == 3
    assert "channels.local_radio.start_delay_s: the run ends before the radio begins." in done.stderr


def test_what_it_sends_is_refused_before_the_run_if_it_cannot_be_written(package):
    source = (package / "my_channels.py").read_text(encoding="utf-8")
    broken = source.replace('"spoken": words', '"spoken": {words}')
    (package / "my_channels.py").write_text(broken, encoding="utf-8")
    done = run(package, "--set", "channels.local_radio={}")
    assert done.returncode == 1
    assert "What the channel local_radio has sent cannot be written" in done.stderr


@pytest.mark.parametrize(
    ("name", "cause", "said"),
    [
        ("siren", "radio_not_on", "already a channel named 'siren'"),
        ("local_radio", "site_destroyed", "already a cause named 'site_destroyed'"),
        ("local_radio", "no_device", "already a cause named 'no_device'"),
        ("Local radio", "radio_not_on", "small letters"),
    ],
)
def test_a_package_cannot_take_a_name_of_ours(package, name, cause, said):
    source = (package / "my_channels.py").read_text(encoding="utf-8")
    source = source.replace('name="local_radio",', f'name="{name}",').replace(
        '"radio_not_on", 245', f'"{cause}", 245'
    )
    (package / "my_channels.py").write_text(source, encoding="utf-8")
    done = run(package)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_entry_point_that_names_no_kind_is_refused(package):
    points = package / "my_channels-1.0.dist-info" / "entry_points.txt"
    points.write_text("[ewsim.kinds]\nlocal_radio = my_channels:LocalRadio\n")
    done = run(package)
    assert done.returncode == 2
    assert "local_radio" in done.stderr
    assert "ewsim.kinds.Kind" in done.stderr


def test_the_published_schema_is_the_same_with_and_without_it(package):
    plain = ewsim(package.parent, "scenario", "schema").stdout
    assert ewsim(package, "scenario", "schema").stdout == plain
