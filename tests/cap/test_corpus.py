"""The verdict on every document of the corpus: the manifest's, or the one that docs explain."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ewsim.cap.catalogue import LAYERS
from ewsim.cap.validator import validate

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "../shared/cap/corpus"
PAGE = ROOT / "docs/background/cap_corpus.md"
pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the project")

ROW = re.compile(
    r"^\| (?P<name>\S+__\S+) \| (?P<here>valid|invalid) \| (?P<rule>[A-Z0-9-]+)"
    r"(?: \((?P<profile>[a-z-]+)\))? \| (?P<why>.+) \|$",
    re.MULTILINE,
)


def manifest():
    with (CORPUS / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def explained():
    return {m["name"]: m for m in ROW.finditer(PAGE.read_text(encoding="utf-8"))}


def check(file, *profiles):
    return validate((CORPUS / file).read_bytes(), file, profiles=profiles or ("core",))


def test_the_verdicts_differ_from_the_manifest_where_the_page_says_so_and_nowhere_else():
    differ = {}
    for row in manifest():
        here = "invalid" if check(row["file"]).failed else "valid"
        if here != row["verdict"]:
            differ[Path(row["file"]).stem] = here
    assert differ == {name: row["here"] for name, row in explained().items()}


def test_each_difference_is_explained_by_a_finding_or_by_the_lack_of_one():
    files = {Path(row["file"]).stem: row["file"] for row in manifest()}
    for name, row in explained().items():
        profiles = [row["profile"]] if row["profile"] else []
        found = {f.rule: f.severity for f in check(files[name], *profiles).findings}
        if row["rule"] == "-":
            assert "error" not in found.values(), name
        else:
            error = row["here"] == "invalid" or bool(row["profile"])
            assert found.get(row["rule"]) == ("error" if error else "warning"), name
        assert re.search(r"CAP|as above", row["why"]), name


def test_the_page_counts_right():
    text = PAGE.read_text(encoding="utf-8")
    total, differ = len(manifest()), len(explained())
    assert f"{total} public CAP documents" in text
    assert f"agrees on {total - differ} of them" in text
    assert f"other {differ} are below" in text


def test_the_command_judges_the_whole_folder_without_a_crash():
    done = subprocess.run(
        [sys.executable, "-m", "ewsim", "cap", "check", str(CORPUS), "--format", "json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (4, "")
    document = json.loads(done.stdout)
    assert document["format"] == "ewsim.cap_check/1"
    assert len(document["files"]) == len(manifest())
    for file in document["files"]:
        assert list(file["verdict"]) == list(LAYERS)
        assert set(file["verdict"].values()) <= {"pass", "warn", "fail", "not_checked"}
        for found in file["findings"]:
            assert found["rule"]
            assert found["message"]
            assert found["line"] >= 1 or found["rule"] == "XML-SYNTAX", found
