"""The documentation site is built without a warning, with every page and the reference."""

import importlib.util
import os
import subprocess
import sys

import pytest
from tree import ROOT

REQUIRED = os.environ.get("EWSIM_REQUIRE_SPHINX") == "1"


@pytest.mark.heavy
def test_the_site_is_built_without_a_warning(tmp_path):
    missing = [name for name in ("sphinx", "myst_parser", "furo") if importlib.util.find_spec(name) is None]
    if missing and not REQUIRED:
        pytest.skip(f"{', '.join(missing)} is not installed (extra docs)")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "-W",
            "--keep-going",
            "-q",
            "-d",
            tmp_path / "cache",
            "docs",
            tmp_path / "site",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pages = {p.relative_to(ROOT / "docs").with_suffix(".html") for p in (ROOT / "docs").rglob("*.md")}
    built = {p.relative_to(tmp_path / "site") for p in (tmp_path / "site").rglob("*.html")}
    assert pages <= built
    index = (tmp_path / "site/index.html").read_text(encoding="utf-8")
    for page in pages - {ROOT / "docs/index.html"}:
        assert page.name in index
    reference = (tmp_path / "site/reference/api.html").read_text(encoding="utf-8")
    for name in ("ewsim.run_scenario", "ewsim.Result.by_group", "ewsim.cap.validate"):
        assert f'id="{name}"' in reference
