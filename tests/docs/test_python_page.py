"""The blocks of the page on the Python interface are run, one after another."""

import subprocess
import sys

from tree import ROOT, blocks

PAGE = ROOT / "docs/guides/python.md"


def test_every_block_of_the_page_runs():
    program = "\n".join(body for _, body in blocks(PAGE, "python"))
    assert program.count("ewsim.run_scenario(") == 3
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "people_count" in done.stdout
    assert "national_roaming" in done.stdout
