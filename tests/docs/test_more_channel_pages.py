"""The numbers on docs/channels/*.md are computed here; EWSIM_RENEW=1 writes them again."""

import os
import re
from pathlib import Path

import numpy as np
import pytest

from ewsim.channels.app_push.kind import AppPushSpec
from ewsim.channels.community_relay.kind import CommunityRelaySpec
from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec, SurgeSpec
from ewsim.channels.location_based_sms.timing import OCCASIONS, blocking_beside, drain_timing, paging
from ewsim.channels.satellite.kind import SatelliteSpec
from ewsim.channels.siren.channel import radius_m
from ewsim.channels.siren.kind import SirenSpec
from ewsim.units import LTE, to_us

PAGES = Path(__file__).parents[2] / "docs" / "channels"
BLOCK = re.compile(r"(<!-- computed: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n" + "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines) + "\n"


def minutes(seconds):
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.0f} s"


def drain():
    rates = (100, 500, 1000, 2000)
    rows = []
    for people in (5_000, 50_000, 500_000, 2_000_000, 10_000_000):
        specs = [LocationBasedSmsSpec(rate_per_s=r, background_load_share=0) for r in rates]
        rows.append([f"{people:,}", *(minutes(people * drain_timing(s, 1).part_us[0] / 1e6) for s in specs)])
    return table(["people on the list", *(f"{rate}/s" for rate in rates)], rows)


def defaults():
    rows = []
    for parts in (1, 2, 4):
        part_us = drain_timing(LocationBasedSmsSpec(), parts).part_us[0]
        rows.append([parts, minutes(100_000 * parts * part_us / 1e6)])
    return table(["parts a message", "first attempts of 100,000 people"], rows)


def paging_table():
    rows = []
    for nb in OCCASIONS:
        row = [nb]
        for records in (3, 8, 16):
            spec = LocationBasedSmsSpec.model_validate(
                {"paging_nb": nb, "paging_records_count": records, "paging_usable_share": 1}
            )
            at_once, page_us = paging(spec)
            row.append(f"{1e6 * at_once[LTE] / page_us[LTE]:,.0f}")
        rows.append(row)
    return table(["nB", "3 phones a page", "8", "16"], rows)


def sdcch():
    rows = [
        [a, *(f"{100 * blocking_beside(np.array([4 * a + calls]), 12)[0, 0]:.1f} %" for calls in (0, 3, 10))]
        for a in (0.5, 1, 2, 3, 4, 6)
    ]
    head = ["parts a second", "no calls", "3 erlang of calls", "10 erlang of calls"]
    return table(head, rows)


def surge():
    timing = drain_timing(LocationBasedSmsSpec(surge=SurgeSpec()), 1)
    rows = []
    for at_min in (-1, 0, 10, 30, 60, 120):
        step = timing.step(to_us(60 * at_min))
        row = [f"{at_min} min" if at_min >= 0 else "before", f"{1e6 / timing.part_us[step]:.0f}"]
        rows.append([*row, f"{100 * timing.blocking[step, 0]:.1f} %"])
    head = ["after it set in", "parts a second", "2G requests without a free channel"]
    return table(head, rows)


def siren():
    rows = []
    for level in (100, 110, 120, 123, 128):
        spec = SirenSpec(level_db=level)
        rows.append([level, f"{radius_m(spec, indoors=False):,.0f}", f"{radius_m(spec, indoors=True):,.0f}"])
    return table(["level at 30.5 m [dB(C)]", "heard outdoors to [m]", "indoors to [m]"], rows)


def app_push():
    spec = AppPushSpec()
    share = spec.installed_share * spec.enabled_share
    rows = [["of 100,000 smartphones, can be reached at most", f"{100_000 * share:,.0f}"]]
    last = 100_000 * share / spec.rate_per_s
    rows.append(["the last of their messages leaves after", minutes(last)])
    for name, z in (("half", 0.0), ("95 %", 1.6448536), ("99 %", 2.3263479)):
        after = spec.latency_median_s * np.exp(spec.latency_sigma * z)
        rows.append([f"{name} are shown within, after they left", minutes(after)])
    return table(["with the defaults", ""], rows)


def satellite():
    spec = SatelliteSpec()
    rows = [
        [name, minutes(spec.search_s + share * spec.period_s)]
        for name, share in (("at the earliest", 0), ("half of them", 0.5), ("all", 1))
    ]
    return table(["with the defaults", "after"], rows)


def community_relay():
    spec = CommunityRelaySpec()
    rows = []
    for people in (100, 200, 1000, 20_000):
        volunteers = max(round(people / spec.people_each_volunteer_count), 1)
        whole = people / (volunteers * spec.told_per_s)
        rows.append([f"{people:,}", volunteers, minutes(whole / 2), minutes(whole)])
    return table(["people of the place", "volunteers", "half after", "all after"], rows)


COMPUTED = {
    "drain": drain,
    "defaults": defaults,
    "paging": paging_table,
    "sdcch": sdcch,
    "surge": surge,
    "siren": siren,
    "app_push": app_push,
    "satellite": satellite,
    "community_relay": community_relay,
}
OURS = ("location_based_sms", "siren", "app_push", "satellite", "community_relay")


@pytest.mark.parametrize("name", OURS)
def test_the_numbers_of_a_page_are_those_of_the_code(name):
    path = PAGES / f"{name}.md"
    text = path.read_text(encoding="utf-8")
    fresh = BLOCK.sub(lambda m: m[1] + COMPUTED[m[2]]() + m[4], text)
    if os.environ.get("EWSIM_RENEW"):
        path.write_text(fresh, encoding="utf-8")
    assert BLOCK.search(text)
    assert path.read_text(encoding="utf-8") == fresh, "EWSIM_RENEW=1 writes the page again"


def test_every_computed_block_stands_on_a_page():
    text = "".join((PAGES / f"{name}.md").read_text(encoding="utf-8") for name in OURS)
    assert {m[2] for m in BLOCK.finditer(text)} == set(COMPUTED)
