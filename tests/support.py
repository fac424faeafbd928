"""Finished runs made up from random draws, for tests of what comes after the engine."""

import numpy as np
import pandas as pd

from ewsim.ledger import CAUSE_CODE, EVENT_COLUMNS, Chain, ChannelOutcome, Ledger, combined_cause
from ewsim.metrics.summary import counts_of, summarise
from ewsim.population.journeys import ranges
from ewsim.population.people import AGE_BANDS, DISABILITIES, POVERTIES, RESIDENCES, SEXES
from ewsim.result.fields import AlertSummary, Assumption, Identity
from ewsim.result.record import Result
from ewsim.scenario.model import scenario_model
from ewsim.settlement.kinds import SETTLEMENTS
from ewsim.streams import Streams
from ewsim.units import NEVER, US

HORIZON_S = 3600
MISSES = ("no_device", "device_off", "no_coverage", "site_down_power", "opted_out", "radio_loss")


def make_outcome(streams, name, people, reach, median_s, never=()):
    """A channel that reached this share, after lognormal times; misses are drawn from MISSES."""
    ids = np.arange(people)
    reached = streams.uniform(f"{name}.reached", ids) < reach
    displayed = np.round(
        np.minimum(streams.lognormal(f"{name}.time", ids, median_s, 0.8), HORIZON_S) * US
    ).astype(np.int64)
    received = displayed - displayed // 20
    sent = displayed // 2
    chain = None
    if name == "cell_broadcast":
        ways = np.column_stack([sent // 4, sent // 2])
        row = np.where(reached, ids, -1).astype(np.int32)
        chain = Chain(("approved", "released"), ways, row)
    miss = np.array([CAUSE_CODE[c] for c in MISSES])
    cause = miss[streams.choice(f"{name}.cause", ids, [5, 2, 3, 4, 1, 1])]
    copies = 1 + streams.choice(f"{name}.copies", ids, [2, 1, 1])
    return ChannelOutcome(
        sent_us=np.where(reached, sent, NEVER),
        received_us=np.where(reached, received, NEVER),
        displayed_us=np.where(reached, displayed, NEVER),
        copies=np.where(reached, copies, 0).astype(np.int16),
        displays=reached.astype(np.int16),
        cause=np.where(reached, 0, cause).astype(np.int8),
        chain=chain,
    )


def make_cells(streams, sites=40, operators=("A", "B")):
    """Sites on an island with a 4G and a 2G cell each, the operators taking turns."""
    ids = np.arange(sites)
    angle = 2 * np.pi * streams.uniform("site.angle", ids)
    radius = 0.12 * np.sqrt(streams.uniform("site.radius", ids))
    cell = np.repeat(ids, 2)
    return pd.DataFrame(
        {
            "cell_id": [f"c{i}" for i in range(2 * sites)],
            "site_id": [f"s{i}" for i in cell],
            "operator": [operators[i % len(operators)] for i in cell],
            "rat": ["4G", "2G"] * sites,
            "lat": 14.6 + (radius * np.sin(angle))[cell],
            "lon": -61.0 + (radius * np.cos(angle))[cell],
            "azimuth_deg": np.nan,
            "tracking_area": cell % 3,
            "targeted": cell % 7 != 0,
        }
    )


def make_events(cells, outages=True):
    """A decision, cells on air, and every fourth site down by power at 300 s, back at 2,000 s."""
    rows = [
        (0.0, "authority", "decided", "", -1, -1, "", "", ""),
        (60.0, "authority", "approved", "", -1, -1, "", "", ""),
        (62.5, "gateway", "released", "", -1, -1, "", "direct", ""),
    ]
    sites = cells["site_id"].str[1:].astype(int)
    for cell, (site, operator, targeted) in enumerate(
        zip(sites, cells["operator"], cells["targeted"], strict=True)
    ):
        if targeted:
            rows.append((64 + cell / 50, "cell", "on_air", operator, cell, site, "4370", "", ""))
        if outages and site % 4 == 0:
            rows.append((300.0, "cell", "down_power", operator, cell, site, "", "", ""))
            if targeted:
                rows.append((300.0, "cell", "off_air", operator, cell, site, "4370", "down", ""))
            if site % 8 == 0:
                rows.append((2000.0, "cell", "restored", operator, cell, site, "", "", ""))
        if targeted and not (outages and site % 4 == 0):
            rows.append((1264.0, "cell", "off_air", operator, cell, site, "4370", "ended", ""))
    if outages:
        rows.append((0.0, "feeder", "grid_lost", "", -1, -1, "", "feeder 3: 10 sites", ""))
    return pd.DataFrame(sorted(rows, key=lambda row: row[0]), columns=list(EVENT_COLUMNS))


def make_ledger(
    people=2000,
    *,
    seed=1,
    weight=25,
    reach=None,
    operators=("A", "B"),
    sites=40,
    in_area_share=0.85,
    languages=("en", "es"),
    outages=True,
):
    """A ledger of made-up people; `reach` gives each channel its share (default both channels)."""
    streams = Streams(seed)
    reach = {"cell_broadcast": 0.7, "location_based_sms": 0.5} if reach is None else reach
    ids = np.arange(people)
    cells = make_cells(streams, sites, operators)

    def category(purpose, names, shares=None):
        codes = streams.choice(purpose, ids, [1] * len(names) if shares is None else shares)
        return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(names)))

    medians = {"cell_broadcast": 90.0, "location_based_sms": 600.0}
    outcomes = {
        name: make_outcome(streams, name, people, share, medians.get(name, 120.0))
        for name, share in reach.items()
    }
    near = streams.choice("near", ids, np.ones(sites)) * 2
    table = pd.DataFrame(
        {
            "person_id": ids,
            "weight": np.full(people, weight, dtype=np.int32),
            "lat": cells["lat"].to_numpy()[near] + 0.012 * streams.normal("lat", ids),
            "lon": cells["lon"].to_numpy()[near] + 0.012 * streams.normal("lon", ids),
            "in_area": streams.uniform("in_area", ids) < in_area_share,
            "camped_cell": near.astype(np.int32),
            "sex": category("sex", SEXES),
            "age_band": category("age", AGE_BANDS, [12, 12, 25, 20, 17, 8, 0.4]),
            "disability": category("disability", DISABILITIES, [86, 5, 3, 6]),
            "language": category("language", languages),
            "settlement": category("settlement", SETTLEMENTS, [6, 3, 1]),
            "poverty": category("poverty", POVERTIES, [9, 1]),
            "residence": category("residence", RESIDENCES, [19, 1]),
            "zone": category("zone", [f"Town {i}" for i in range(12)]),
            "operator": category("operator", ("none", *operators)),
            "rat": category("rat", ("none", "2G", "3G", "4G", "5G"), [1, 1, 2, 5, 1]),
        }
    )
    return Ledger(table, outcomes, make_events(cells, outages), combined_cause(outcomes, people)), cells


def circle(radius_deg, points=60, lat=14.6, lon=-61.0):
    """A ring as a GeoJSON polygon."""
    t = np.linspace(0, 2 * np.pi, points, endpoint=False)
    ring = [[lon + radius_deg * np.cos(a), lat + radius_deg * np.sin(a)] for a in t]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def make_result(*, title="An island and a cyclone", land=True, replications=None, **options):
    """A finished run; options as for `make_ledger`."""
    ledger, cells = make_ledger(**options)
    seed = options.get("seed", 1)
    scenario = scenario_model().model_validate(
        {
            "format": "ewsim.scenario/1",
            "name": "made_up",
            "title": title,
            "seed": seed,
            "horizon_s": HORIZON_S,
            "alert": {"path": "alert.xml"},
        }
    )
    return Result(
        scenario=scenario,
        identity=Identity("made_up", None, "ab" * 32, seed, "0.1.0"),
        ledger=ledger,
        cells=cells,
        alert=AlertSummary(
            identifier="EXAMPLE-1",
            sender="weather@example.org",
            sent="2026-09-20T05:00:00-04:00",
            event="Cyclone",
            headline="Cyclone: go to a shelter now",
            severity="Extreme",
            urgency="Immediate",
            certainty="Observed",
            language="en",
        ),
        area=circle(0.1),
        land=circle(0.15) if land else None,
        notes=("40 sites were made for 2,000 people.",),
        assumptions=(Assumption("population.rural_share", 0.15, "assumption: people outside settlements"),),
        horizon_s=float(HORIZON_S),
        timing_s={"country": 1.0, "infrastructure": 0.5},
        replications=replications,
        sent={
            "cell_broadcast": {
                "message_identifier": 4370,
                "level": "level 1, policy default",
                "serial_number": 16400,
                "page_count": 2,
                "alphabet": "gsm7",
                "text": "Cyclone: go to a shelter now & stay <inside>.",
            },
            "location_based_sms": {"part_count": 1, "text": "Cyclone: go to a shelter now"},
        },
        targeting={**FIGURES, "by_operator": {"A": FIGURES, "B": {**FIGURES, **NOBODY}}},
    )


#: What a choice of cells does by itself, and what of it is unknown where nobody is.
FIGURES = {
    "cell_count": 48,
    "recall_share": 0.98,
    "overshoot_share": 0.125,
    "false_alert_share": 0.5,
    "overshoot_p50_m": 1500.0,
    "overshoot_p95_m": 4800.0,
    "area_ratio": 1.44,
}
NOBODY = dict.fromkeys(FIGURES.keys() - {"cell_count", "area_ratio"})


def first_moves(people):
    """When each person first moves [us] (NEVER: stays), and where they are from then on [m]."""
    at, (x, y) = np.full(len(people), NEVER), (people.x_m.copy(), people.y_m.copy())
    first = people.journeys.first
    who = np.flatnonzero(np.diff(first))
    at[who] = people.journeys.at_us[first[who]]
    x[who], y[who] = people.at(at[who], who)
    return at, x, y


def camping_of(camping, handsets):
    """The camping of some handsets, in an order."""
    first, move = ranges(camping.move_first, handsets)
    return camping._replace(
        cell=camping.cell[handsets],
        level_db=camping.level_db[handsets],
        lack=camping.lack[handsets],
        move_first=first,
        move_us=camping.move_us[move],
        move_row=camping.move_row[move],
    )


def summary_of(ledger, cell_count=1000, **more):
    """The document of a run, from its ledger alone."""
    said = {"scenario": "s", "seed": 1, "version": "0", "horizon_s": 3600.0, **more}
    return summarise(counts_of(ledger), ledger.events, cell_count=cell_count, **said)
