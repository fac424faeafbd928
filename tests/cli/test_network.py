"""`ewsim network`, command by command, as a user meets it."""

import json
import subprocess
import sys

import pytest

TABLE = """site_id,lat,lon,operator,radio
a,14.60,-61.00,north,2G/4G
b,14.61,-61.02,north,4G
c,14.65,-61.05,south,3G
"""


def ewsim(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "ewsim", "network", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sites.csv").write_text(TABLE)
    return tmp_path


def test_check_names_each_fault_with_its_line(folder):
    (folder / "bad.csv").write_text(TABLE + "d,61.0,-200,north,4G\ne,14.6,-61.1,north,6G\n")
    done = ewsim("check", "sites.csv", "bad.csv", "--json", cwd=folder)
    assert done.returncode == 3, done.stderr
    document = json.loads(done.stdout)
    assert document["format"] == "ewsim.network_check/1"
    assert {(f["file"], f["line"]) for f in document["findings"]} == {
        ("bad.csv", 5),
        ("bad.csv", 6),
    }
    assert ewsim("check", "sites.csv", cwd=folder).returncode == 0


def test_show_tells_operators_and_draws(folder):
    done = ewsim("show", "sites.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "north: 2 sites, cells: 1 2G, 2 4G" in done.stdout
    for name, start in (("n.png", b"\x89PNG"), ("n.svg", b"<?xml"), ("n.html", b"<!doctype html>")):
        assert ewsim("show", "sites.csv", "-o", name, cwd=folder).returncode == 0
        assert (folder / name).read_bytes().startswith(start)
    assert ewsim("show", "sites.csv", "-o", "n.gif", cwd=folder).returncode == 2
