"""How long a full check takes, in multiples of bare schema validation; run with -m heavy -s.

Baseline: lxml parses the same files and validates them with the official schema, compiled before.
Boundary: from the path of a file to its findings and verdict, all layers; both loops warm, in one
process, taken in turn, the best of many passes for each file.
"""

import base64
import csv
import time
from pathlib import Path

import pytest
from lxml import etree
from peak import COMMAND, run_measured

from ewsim.cap.validator import validate

ROOT = Path(__file__).parents[2]
SHARED = ROOT / "../shared/cap"
#: The aim (docs/performance.md has what it takes).
MOST = 6.0
PASSES = 40

pytestmark = pytest.mark.heavy


def typical():
    """The valid, unsigned alerts of 3 to 10 kB: (path, version)."""
    with (SHARED / "corpus/MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [
        (str(SHARED / "corpus" / row["file"]), row["cap_version"])
        for row in rows
        if row["verdict"] == "valid" and row["signature"] == "n" and 3_000 <= int(row["bytes"]) <= 10_000
    ]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the corpus is not beside the project")
def test_a_full_check_costs_a_few_schema_validations():
    files = typical()
    assert len(files) > 15
    schemas = {
        v: etree.XMLSchema(etree.parse(SHARED / "xsd" / f"CAP-v{v}.xsd")) for v in ("1.0", "1.1", "1.2")
    }

    def bare(path, version):
        schemas[version].validate(etree.parse(path))

    def full(path, version):
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - as bare as the other side
            source = file.read()
        validate(source, path)

    best = {(side, path): 9.0 for side in (bare, full) for path, _ in files}
    for _ in range(PASSES):
        for side in (bare, full):
            for path, version in files:
                start = time.perf_counter()
                side(path, version)
                taken = time.perf_counter() - start
                best[side, path] = min(best[side, path], taken)
    each = {
        side.__name__: sum(best[side, path] for path, _ in files) / len(files) * 1e6 for side in (bare, full)
    }
    ratio = each["full"] / each["bare"]
    print(f"\nbare {each['bare']:.0f} us, full {each['full']:.0f} us a file: {ratio:.1f} times")
    assert ratio < MOST


def test_a_large_alert_takes_under_a_second_and_200_mb(tmp_path):
    """1.7 MB, of which most is embedded audio."""
    audio = base64.b64encode(bytes(range(256)) * 4_950).decode()
    good = (ROOT / "cap_samples/full/exercise.xml").read_text(encoding="utf-8")
    resource_ = (
        "<resource><resourceDesc>The message, spoken</resourceDesc><mimeType>audio/mpeg</mimeType>"
        f"<size>{256 * 4_950}</size><uri>message.mp3</uri><derefUri>{audio}</derefUri></resource>"
    )
    path = tmp_path / "large.xml"
    path.write_text(good.replace("<area>", resource_ + "<area>", 1), encoding="utf-8")
    assert 1.6e6 < path.stat().st_size < 1.8e6
    start = time.perf_counter()
    done, peak_mb = run_measured(COMMAND, "cap", "check", path, "--format", "json", timeout=20)
    command_s = time.perf_counter() - start
    assert done.returncode == 0, done.stdout
    source = path.read_bytes()
    start = time.perf_counter()
    report = validate(source, str(path))
    check_s = time.perf_counter() - start
    print(f"\ncheck {check_s:.3f} s; as a command {command_s:.2f} s, {peak_mb:.0f} MB")
    assert not report.failed
    assert check_s < 1.0
    assert peak_mb < 200.0
