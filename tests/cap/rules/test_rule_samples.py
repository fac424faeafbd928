"""cap_samples: each rule has a good and a bad message, and each does what its name says.

`EWSIM_RENEW=1 pytest tests/cap/rules/test_rule_samples.py` writes the files again from `rule_samples`,
`rule_samples_profiles` and `rule_samples_threads`.
"""

from __future__ import annotations

import ast
import gzip
import os
import re
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from cap.rule_samples import CA, CORE
from cap.rule_samples_profiles import PROFILES
from cap.rule_samples_threads import THREADS

import ewsim.cap
from ewsim.cap.broadcast.policy import read_policy
from ewsim.cap.catalogue import RULES, THREAD_RULES
from ewsim.cap.profiles import files as profiles
from ewsim.cap.reader import read_alert
from ewsim.cap.signature.certificates import read_trust
from ewsim.cap.tools.threads import sort_threads
from ewsim.cap.validator import validate

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "cap_samples"
SAMPLES = [*CORE, *PROFILES]
WHICH = ("good", "bad")
RENEW = "EWSIM_RENEW=1 pytest tests/cap/rules/test_rule_samples.py writes it again"


def path_of(sample, which):
    packed = sample.source(which).startswith(b"\x1f\x8b")
    return FOLDER / which / f"{sample.rule}.xml{'.gz' if packed else ''}"


def files():
    """Every file that is made, with its bytes."""
    for which in WHICH:
        for sample in SAMPLES:
            yield path_of(sample, which), sample.source(which)
        for name, sets in THREADS.items():
            for number, text in enumerate(sets[which == "bad"], 1):
                yield FOLDER / which / name / f"{number}.xml", text.encode()


def test_the_files_are_those_of_the_tables():
    made = dict(files())
    if os.environ.get("EWSIM_RENEW"):
        for which in WHICH:
            shutil.rmtree(FOLDER / which, ignore_errors=True)
        for path, source in made.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(source)
    found = {p for which in WHICH for p in (FOLDER / which).rglob("*") if p.is_file()}
    assert found == set(made), RENEW
    assert [p.name for p, source in made.items() if p.read_bytes() != source] == [], RENEW


def test_every_rule_has_its_samples_and_they_are_small():
    of_profiles = [c.id for n in profiles.profiles() for c in profiles.read_profile(n).rules]
    names = [s.rule for s in SAMPLES] + list(THREADS)
    assert sorted(names) == sorted([*RULES, *of_profiles, *THREAD_RULES])
    assert sum(len(source) for _, source in files()) < 700_000


def test_the_code_says_the_id_of_every_rule_in_the_catalogue():
    files = Path(ewsim.cap.__file__).parent.rglob("*.py")
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8")))]
    said = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    known = RULES | THREAD_RULES
    assert set(known) <= said
    starts = tuple({name.partition("-")[0] + "-" for name in known if "-" in name})
    like = {text for text in said if text.startswith(starts) and re.fullmatch("[A-Z0-9-]+", text)}
    assert like <= set(known)


def report(sample, which):
    """What the validator says of the committed file, as the page of rules tells to call it."""
    path = path_of(sample, which)
    source = path.read_bytes()
    return validate(
        gzip.decompress(source) if path.suffix == ".gz" else source,
        path.name,
        profiles=("core", sample.profile),
        trust=read_trust([CA / "ca.pem"]),
        at=datetime.fromisoformat(sample.at) if sample.at else None,
        policy=read_policy(sample.policy) if sample.policy else None,
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.rule)
def test_the_bad_message_breaks_its_rule_and_the_good_one_none(sample):
    bad = report(sample, "bad")
    rules = [found.rule for found in bad.findings]
    assert set(rules) == {sample.rule} | sample.beside | sample.both
    assert rules.count(sample.rule) == 1
    found = next(found for found in bad.findings if found.rule == sample.rule)
    assert found.line > 0 or sample.rule == "XML-SIZE"
    rule = RULES.get(sample.rule)
    assert bad.verdict[found.layer] != "pass" or found.severity == "info"
    assert rule is None or (found.severity, found.requires) == (rule.severity, rule.requires)
    good = report(sample, "good")
    assert {found.rule for found in good.findings} == set(sample.both)
    assert not good.failed
    assert good.verdict["well_formed"] == good.verdict["schema"] == good.verdict["spec"] == "pass" or (
        sample.both
    )


@pytest.mark.parametrize("name", THREADS)
def test_the_bad_thread_breaks_its_rule_and_the_good_one_none(name):
    good, bad = (
        sort_threads([read_alert(p) for p in sorted((FOLDER / which / name).iterdir())]) for which in WHICH
    )
    assert [found.rule for found in good.findings] == []
    assert [found.rule for found in bad.findings] == [name]
    assert Path(bad.findings[0].file).name == f"{THREADS[name][2]}.xml"
    assert bad.findings[0].severity == THREAD_RULES[name].severity


def test_what_else_a_bad_message_breaks_is_a_short_list():
    """Companions that cannot be avoided: without an area there is none to draw, and so on."""
    pairs = {(s.rule, other) for s in CORE for other in s.beside}
    assert pairs == {
        ("SIGNATURE-PARALLEL", "SIGNATURE-SEVERAL"),
        ("SIGNATURE-SEVERAL", "SIGNATURE-PARALLEL"),
        ("TEXT-UNREADABLE", "DELIVER-UCS2"),
    }
    of_profiles = {other for s in PROFILES for other in s.beside}
    assert of_profiles == {
        "AREA-SHAPE",
        "CAPCP-MINOR-EVERY",
        "CAPCP-ONE-EVENT",
        "DELIVER-AREA",
        "DELIVER-SWITCH",
        "DELIVER-TRUNCATED",
        "EXPIRES-MISSING",
        "INFO-MISSING",
        "POLY-CROSSING",
        "REF-REQUIRED",
    }
    shown_by_good = {(s.rule, other) for s in SAMPLES for other in s.both}
    assert {other for _, other in shown_by_good} == {"DELIVER-GATE", "DEREF-NETWORK"}
