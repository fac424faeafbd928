"""The commands of README and docs are run, in the order of the page, as a reader would.

A block fenced as ```sh runs in a copy of the folders that the commands name, and must end with
exit code 0, or the one that the fence states: ```sh exit=3. Blocks fenced ```sh install make
environments; CI runs them as they are.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tree import ROOT, blocks, relative

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\((?!https?://|mailto:)(?P<file>[^)#\s]*)(?:#(?P<anchor>[^)\s]*))?\)")


#: Pages whose commands take long; what they do has tests of its own.
LONG = {
    f"docs/guides/{name}.md"
    for name in (
        "cap",
        "compare",
        "coverage",
        "data",
        "exercises",
        "hostile",
        "wire_cases",
        "exports",
        "many_runs",
        "new_country",
        "reading_a_report",
        "recovery",
        "scenario_files",
        "response",
        "synthetic_countries",
        "targeting",
        "wire",
    )
}


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(p, marks=pytest.mark.heavy) if relative(p) in LONG else p
        for p in PAGES
        if any("install" not in w for w, _ in blocks(p, "sh"))
    ],
    ids=relative,
)
def test_every_command_of_the_page_works(page, tmp_path):
    for folder in ("scenarios", "cap_samples"):
        if (ROOT / folder).is_dir():
            shutil.copytree(ROOT / folder, tmp_path / folder)
    bin_folder = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": bin_folder + os.pathsep + os.environ["PATH"]}
    for words, body in blocks(page, "sh"):
        if "install" in words:
            continue
        expected = next((int(w.removeprefix("exit=")) for w in words if w.startswith("exit=")), 0)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", body],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert done.returncode == expected, f"{body}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        assert "Traceback" not in done.stderr


def test_readme_has_two_install_lines_and_ci_runs_the_test_one():
    lines = [body.strip() for words, body in blocks(ROOT / "README.md", "sh") if "install" in words]
    assert len(lines) == 2
    assert all("\n" not in line for line in lines)
    assert lines[0].endswith(".venv/bin/ewsim run scenarios/island_cyclone.yaml -o out")
    assert lines[1].endswith(".venv/bin/pytest")
    assert f"({lines[1]})" in (ROOT / ".ci/run").read_text(encoding="utf-8")


def anchors(page):
    headings = re.findall(r"^#+ +(.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_link_leads_somewhere(page):
    for match in LINK.finditer(page.read_text(encoding="utf-8")):
        target = page.parent / match["file"] if match["file"] else page
        assert target.exists(), match[0]
        if match["anchor"]:
            assert match["anchor"] in anchors(target), match[0]


def test_every_page_can_be_reached_from_the_index():
    seen, todo = set(), [ROOT / "docs/index.md"]
    while todo:
        page = todo.pop().resolve()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        todo += [page.parent / m["file"] for m in LINK.finditer(page.read_text("utf-8")) if m["file"]]
    assert {p.resolve() for p in (ROOT / "docs").rglob("*.md")} <= seen
