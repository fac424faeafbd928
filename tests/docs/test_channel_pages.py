"""The tables of docs/channels/cell_broadcast.md are computed from the code.

`EWSIM_RENEW=1 pytest tests/docs/test_channel_pages.py` writes them again.
"""

import dataclasses
import os
import re
from pathlib import Path

import numpy as np
import pytest

from ewsim import coding
from ewsim.channels.cell_broadcast.channel import CellBroadcast
from ewsim.channels.cell_broadcast.kernel import LOSS_SLOPE_PER_DB, completion
from ewsim.channels.cell_broadcast.plan import CBCH_SLOT_US, CbMessage, broadcasts, single
from ewsim.channels.cell_broadcast.reception import RatTiming
from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.engine import benchmark_world
from ewsim.engine.simulation import simulate
from ewsim.streams import Streams
from ewsim.units import GSM, LTE, NEVER, to_us

PAGE = Path(__file__).parents[2] / "docs" / "channels" / "cell_broadcast.md"
BLOCK = re.compile(r"<!-- computed: (\w+) -->\n(.*?)<!-- end -->\n", re.DOTALL)
RUNS = 20_000
SPEC = CellBroadcastSpec()


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def quantiles(times):
    return " / ".join(f"{q:.1f}" for q in np.percentile(times, [50, 90, 99]))


def completions(rat, n, unit_us, airtime_us, paging_s, loss):
    """Seconds until phones that were there have a message, in continuous mode."""
    none = np.zeros(4, dtype=np.int64)
    times = [none + x for x in (unit_us, airtime_us, n * unit_us, to_us(paging_s))]
    timing = RatTiming(none + n, *times, none, none, none, True).table()
    level = (np.log(1 / loss - 1) - np.log(9)) / LOSS_SLOPE_PER_DB
    draws = [Streams(3).uniform("page", np.arange(RUNS), k) for k in range(4)]
    words = zip(*((d * 2**32).astype(np.uint32) for d in draws), strict=True)
    return np.array([completion(0, True, 0, level, rat, w, timing) for w in words]) / 1e6


def chain():
    world = benchmark_world.setup(150, 900, 1, disturbances=(), movers_share=0.0, horizon_s=1800)
    network, people = world.network, world.population
    cells = dataclasses.replace(network.cells, rat=np.full_like(network.cells.rat, LTE))
    near = people.camping._replace(level_db=people.camping.level_db + 15)
    on = dataclasses.replace(people.handsets, on_from_us=-people.handsets.on_to_us)
    message = CbMessage(4371, 0x4010, 4, coding.warning_contents_octets(4), "level_2", 1200_000_000)
    rows = []
    for gateway in ("direct", "wea"):
        for collection in ("push", "poll"):
            alert = world.alert.model_copy(update={"gateway": gateway, "collection": collection})
            setup = dataclasses.replace(
                world,
                alert=alert,
                network=dataclasses.replace(network, cells=cells),
                population=dataclasses.replace(people, camping=near, handsets=on),
            )
            times = []
            for run in range(40):
                everywhere = np.ones(len(cells), dtype=np.bool_)
                channel = CellBroadcast(SPEC, single(message), everywhere, alert=alert)
                outcome = simulate(setup, [channel], Streams(1, run)).outcomes[channel.name]
                times.append(outcome.displayed_us[outcome.displayed_us < NEVER] / 1e6)
            marks = np.percentile(np.concatenate(times), [1, 50, 90, 99])
            rows.append((f"`{gateway}`", f"`{collection}`", *(f"{m:.1f}" for m in marks)))
    return table(("gateway", "collection", "1 %", "50 %", "90 %", "99 %"), rows)


def fan_out():
    rows = []
    for stations in (100, 1_000, 10_000, 50_000):
        last = SPEC.peer_round_trip_s + stations * SPEC.cell_fanout_s
        rows.append((f"{stations:,}", f"{last:.1f} s"))
    return table(("base stations of one peer", "the last is written to after"), rows)


def sizes():
    rows = []
    for text in ("a" * 90, "a" * 360, "a" * 616, "a" * 1395, "я" * 90, "я" * 615):
        encoded = coding.encode_cb(text)
        pages = len(encoded.pages)
        octets = coding.warning_contents_octets(pages)
        segments = -(-octets // SPEC.segment_octets), -(-octets // (217 - 14))
        slot = f"{pages * CBCH_SLOT_US / 1e6:.1f} s"
        rows.append((len(text), encoded.alphabet, pages, octets, *segments, slot))
    head = (
        "characters",
        "alphabet",
        "pages",
        "octets",
        f"segments of {SPEC.segment_octets}",
        "of 203, the most with DCI 1C",
        "2G cycle",
    )
    return table(head, rows)


def continuous():
    rows = [
        (
            n,
            f"{loss:g}",
            *(quantiles(completions(LTE, n, 640_000, 0, cycle, loss)) for cycle in (0.32, 1.28, 2.56)),
        )
        for n, loss in ((1, 0.01), (2, 0.01), (3, 0.01), (7, 0.01), (2, 0.3), (7, 0.1), (7, 0.3))
    ]
    return table(("N", "p", *(f"paging cycle {c} s" for c in (0.32, 1.28, 2.56))), rows)


def pages():
    rows = []
    for n in (1, 4, 15):
        losses = ((f"{b:g}", 1 - (1 - b) ** 4) for b in (1e-9, 0.01, 0.05))
        cells = [quantiles(completions(GSM, n, CBCH_SLOT_US, CBCH_SLOT_US // 2, 0, p)) for _, p in losses]
        rows.append((n, *cells))
    return table(("pages", *(f"block loss {b}" for b in (0, 0.01, 0.05))), rows)


def per_repetition():
    rows = [
        (n, f"{p:g}", *(f"{100 * (1 - p**b) ** n:.1f} %" for b in (1, 2, 3)))
        for n, p in ((1, 0.01), (3, 0.01), (3, 0.1), (7, 0.1), (15, 0.1))
    ]
    return table(("N", "p", "first (at once)", "second (30 s later)", "third (60 s later)"), rows)


def repetition():
    rows = []
    for number, period in ((0, 0), (1, 0), (0, 30), (40, 30), (2, 0)):
        cells = []
        for secondary in (False, True):
            try:
                found = broadcasts(number, period, etws_secondary=secondary)
            except ValueError:
                found = "invalid"
            cells.append(f"{found}".replace("_", " "))
        rows.append((number, f"{period} s", *cells))
    head = ("number", "period", "broadcasts of a warning", "of an ETWS secondary notification")
    return table(head, rows)


@pytest.mark.parametrize("make", [chain, fan_out, sizes, continuous, pages, per_repetition, repetition])
def test_the_table_is_what_the_code_computes(make):
    text = PAGE.read_text(encoding="utf-8")
    written = dict(BLOCK.findall(text))[make.__name__]
    if os.environ.get("EWSIM_RENEW"):
        start = f"<!-- computed: {make.__name__} -->\n"
        PAGE.write_text(text.replace(start + written, start + make()), encoding="utf-8")
        return
    assert written == make()
