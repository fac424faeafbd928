"""The checks that people and forges run: one command, local hooks, and late heavy tests that fail."""

import os
import re
import shutil
import subprocess

import pytest
from tree import ROOT

PYTHON = """#!/bin/bash
# Stands for python3: makes an environment whose pytest and pip do nothing.
if [[ $* == "-m venv .venv" ]]; then
    mkdir -p .venv/bin
    for name in pip pytest; do printf '#!/bin/bash\\necho "%s $*"\\n' $name > .venv/bin/$name; done
    chmod +x .venv/bin/*
fi
"""


@pytest.mark.parametrize(
    ("heavy", "words"),
    [(0, ""), (124, "took more than 12 minutes"), (1, "heavy tests failed"), (5, "no heavy tests")],
)
def test_ci_fails_when_heavy_tests_fail_or_run_out_of_time(tmp_path, heavy, words):
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/run", tmp_path / ".ci/run")
    programs = {"python3": PYTHON, "timeout": f"#!/bin/bash\nexit {heavy}\n"}
    programs |= dict.fromkeys(("chromium", "xmlsec1"), "#!/bin/bash\n")
    for name, text in programs.items():
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    done = subprocess.run(
        ["bash", ".ci/run"],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == heavy, done.stdout + done.stderr
    assert words in done.stdout


def test_hooks_are_local():
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    assert re.findall(r"repo: (\S+)", text) == ["local"]
    assert {"ruff", "mypy", "lint-imports", "pytest"} == set(re.findall(r"entry: (\S+)", text))


def test_a_forge_runs_what_everybody_runs():
    text = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert re.findall(r"- run: (.*)", text) == [".ci/run"]
    assert ".ci/run" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
