"""The scenarios that teach: every bold number of a lesson's page is what its command gives.

`EWSIM_RENEW=1` writes the numbers into the pages, after a change of results. Read the pages then.
"""

import json
import os
import re
from pathlib import Path

import pytest

from ewsim.metrics.words import duration
from tests.command import called

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[2]
SCENARIOS = ROOT / "scenarios" / "lessons"
PAGES = ROOT / "docs" / "lessons"
RENEW = bool(os.environ.get("EWSIM_RENEW"))
BOLD = re.compile(r"\*\*([^*]+)\*\*")
NAMES = sorted(path.stem for path in SCENARIOS.glob("*.yaml"))


class Arm:
    """One arm of a comparison, or one run."""

    def __init__(self, row):
        self.row = row
        self.people = row["reach"]["people"]
        self.share = f"{row['reach']['share'] * 100:.0f} %"
        self.half = duration(row["time_to_share_s"]["0.5"])

    def missed(self, cause):
        return self.row["causes"].get(cause, 0)


def dense_city(base, sms_only, faster, cb_only):
    return cb_only.share, cb_only.half, sms_only.share, faster.half


def night(base, day):
    gained = [base.missed(c) - day.missed(c) for c in ("device_off", "no_coverage_indoors")]
    return day.people - base.people, *gained


def rural_gap(base, roaming, satellite, volunteers):
    gaps = [base.missed(c) for c in ("no_coverage", "no_coverage_indoors")]
    return *gaps, *(a.people - base.people for a in (roaming, satellite, volunteers))


def islands(base, whole, terminals, sirens):
    return base.people, terminals.people, sirens.people, whole.people


def wrong_polygon(base, small, wide):
    assert wide.people == base.people
    return base.people - small.people, small.missed("cell_not_targeted"), wide.people


def late_decision(base, one, two, three):
    power = [a.missed("site_down_power") for a in (base, two)]
    return one.people - base.people, two.people - base.people, *power


def power_loss(base, grid, eight, day):
    return base.people, grid.people, eight.people, day.people, day.missed("device_off")


def cb_only(base, sms, all_three):
    gained = [base.missed(c) - sms.missed(c) for c in ("network_generation_unsupported", "opted_out")]
    won = sms.people - base.people
    return base.people, won, *gained, all_three.people - sms.people, all_three.half


def sms_only(base, faster, broadcast):
    return base.half, faster.half, broadcast.half


def language_minority(summary, second):
    unread, left = summary["not_reading"]["sent"], second["not_reading"]["sent"]
    return unread["people"], unread["reached"], left["people"]


def tourists(base, all_show, no_sms):
    return no_sms.missed("roaming_not_supported"), base.missed("roaming_not_supported")


def deployables(base, town, hills, three, before):
    more = [three.people - town.people, before.people - town.people]
    return base.people, town.people - base.people, hills.people - base.people, *more


ARMS = {"dense_city": ("as_written", "sms_only", "faster_sms", "cb_only")}
NUMBERS = {
    f.__name__: f
    for f in (
        dense_city,
        night,
        rural_gap,
        islands,
        wrong_polygon,
        late_decision,
        power_loss,
        cb_only,
        sms_only,
        language_minority,
        tourists,
        deployables,
    )
}


def printed(*words):
    done = called(*words, "--json", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", NAMES)
def test_every_number_of_the_lesson_is_what_its_command_gives(name):
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    command = re.search(r"```text\newsim (.*)\n```", page)[1].split()
    assert command[1] == f"scenarios/lessons/{name}.yaml"
    assert command[-2:] == ["-o", name]
    if command[0] == "run":
        found = [printed(*command[:-2]), printed(*command[:-2], "--arm", "second_language")]
    else:
        rows = {row["name"]: Arm(row) for row in printed(*command[:-2])["runs"]}
        found = [rows[arm] for arm in ARMS.get(name, rows)]
    expected = [f"{n:,}" if isinstance(n, int) else n for n in NUMBERS[name](*found)]
    if RENEW:
        left = iter(expected)
        page = BOLD.sub(lambda bold: f"**{next(left)}**" if re.search(r"\d", bold[1]) else bold[0], page)
        (PAGES / f"{name}.md").write_text(page, encoding="utf-8")
    assert [text for text in BOLD.findall(page) if re.search(r"\d", text)] == expected


def test_every_lesson_has_a_page_and_a_line_in_the_list():
    assert {path.stem for path in PAGES.glob("*.md")} == {*NAMES, "index"}
    listed = (PAGES / "index.md").read_text(encoding="utf-8")
    assert all(f"({name}.md)" in listed for name in NAMES)
    assert set(NUMBERS) == set(NAMES)
