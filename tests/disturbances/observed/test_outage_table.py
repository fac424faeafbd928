"""An outage table takes sites off when it says so, and what is wrong with one is named with its place."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise

import numpy as np
import pytest

from ewsim.country.checking import check_country
from ewsim.disturbances import timeline
from ewsim.disturbances.observed.reading import read_observations
from ewsim.disturbances.observed.spans import matched
from ewsim.disturbances.observed.spec import OutageTableSpec
from ewsim.engine import benchmark_world
from ewsim.errors import DataError, ScenarioError
from ewsim.geography.plane import to_geojson
from ewsim.kinds import outages
from ewsim.scenario.load import load_scenario
from ewsim.streams import Streams
from ewsim.units import NEVER, US
from ewsim.world import World
from tests.country.test_disturbed import scenario

DAY = 86_400
NETWORK = benchmark_world.setup(10, 600).network


def spec_of(folder, text, name="outages.csv", **keys):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return OutageTableSpec(kind="outage_table", path=str(file), **keys)


def world(*specs, horizon_s=20 * DAY, seed=3, network=NETWORK):
    w = World(network, Streams(seed), round(horizon_s * US), timeline.starts_us(specs))
    timeline.start(w, specs)
    w.run()
    return w


def windows(w):
    """(site, from, to, kind) of what was off, in seconds."""
    names, site_of = list(outages()), w.network.cells.site
    rows = {(int(site_of[c]), a / US, b / US, names[k]) for c, a, b, k in w.down_windows().tolist()}
    return sorted(rows)


def off_at(w, time_s):
    return {site for site, a, b, _ in windows(w) if a <= time_s < b}


def test_sites_are_off_from_begin_to_end_by_their_cause_and_no_other_follows(tmp_path):
    text = "site,start_h,end_h,cause\nS0,1,2,power\nS5,-1,,fibre\nS7,0.5,1,damage\nS7,1,3,\n"
    w = world(spec_of(tmp_path, text), horizon_s=4 * 3600)
    end = 4 * 3600 + 1e-6
    assert windows(w) == [
        (0, 3600, 7200, "down_power"),
        (5, -3600, end, "down_backhaul"),
        (7, 1800, 3600, "destroyed"),
        (7, 3600, 10800, "down_unknown"),
    ]
    assert 0 in NETWORK.sites.parent  # others hang on the first
    kinds = [row[2] for row in w.events if row[1] == "site"]
    assert kinds == ["seen_off", "seen_off", "seen_off", "seen_off", "seen_on", "seen_on"]


def test_dates_count_from_the_decision_and_a_semicolon_table_with_other_names_is_read(tmp_path):
    text = "Site ID;From;Restored;Reason\nS1;2017-09-20T12:00:00Z;2017-09-20T14:00:00+00:00;mains\n"
    w = world(spec_of(tmp_path, text, decided_at="2017-09-20T13:00:00Z"))
    assert windows(w) == [(1, -3600, 3600, "down_power")]


def test_a_series_of_shares_is_met_at_each_time_and_sites_are_nested(tmp_path):
    table = "day,sites_out_share\n0,0\n1,0.8\n2,60 %\n3,1200/2000\n9,0.1\n"
    w = world(spec_of(tmp_path, table))
    at = {day: off_at(w, day * DAY) for day in (1, 2, 3, 6, 9, 15)}
    assert [len(at[day]) for day in at] == [160, 120, 120, 70, 20, 20]
    assert at[15] == at[9] < at[6] < at[3] == at[2] < at[1]
    assert len(off_at(w, 0.5 * DAY)) == 80
    # another table of the same network takes the same sites first
    other = world(spec_of(tmp_path, "hours,percent\n0,40\n", "other.csv"))
    assert at[6] > at[9]
    assert at[2] > off_at(other, 0) > at[6]


def test_feeders_go_off_together_where_that_is_asked(tmp_path):
    w = world(spec_of(tmp_path, "day,share\n0,0.5\n", by="feeder"))
    feeder = NETWORK.sites.feeder[sorted(off_at(w, 0))]
    mixed = [f for f in np.unique(feeder) if 0 < (feeder == f).sum() < (NETWORK.sites.feeder == f).sum()]
    assert len(mixed) <= 1


def test_causes_of_a_series_add_up_and_damage_is_back_last(tmp_path):
    rows = ["0,power,0.5", "0,transport,0.2", "0,damage,0.1", "4,power,0", "4,transport,0.1", "4,damage,0.1"]
    w = world(spec_of(tmp_path, "\n".join(["day,cause,share", *rows])))
    for day, want in ((0, (100, 40, 20)), (2, (50, 30, 20)), (4, (0, 20, 20))):
        kinds = [k for _, a, b, k in windows(w) if a <= day * DAY < b]
        assert tuple(kinds.count(k) for k in ("down_power", "down_backhaul", "destroyed")) == want


def districts(folder):
    """Two halves of the network's plane, west and east."""
    import shapely

    x, y = NETWORK.sites.x_m, NETWORK.sites.y_m
    west, south, east, north = x.min() - 1, y.min() - 1, x.max() + 1, y.max() + 1
    middle = float(np.median(x)) + 0.5
    halves = {"West": (west, middle), "East": (middle, east)}
    features = [
        {
            "type": "Feature",
            "properties": {"name": name, "start_s": 10, "end_s": 20},
            "geometry": to_geojson(NETWORK.frame, shapely.box(a, south, b, north)),
        }
        for name, (a, b) in halves.items()
    ]
    file = folder / "districts.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return file


def test_districts_have_shares_of_their_own(tmp_path):
    outlines = districts(tmp_path)
    table = "district,day,share\nwest,0,0.5\neast,0,0.25\nWest,1,0\nEast,1,1\n"
    w = world(spec_of(tmp_path, table, districts=str(outlines)))
    west = set(np.flatnonzero(NETWORK.sites.x_m < np.median(NETWORK.sites.x_m) + 0.5).tolist())
    assert abs(len(off_at(w, 0) & west) - 0.5 * len(west)) <= 1
    assert abs(len(off_at(w, 0) - west) - 0.25 * (200 - len(west))) <= 1
    assert not off_at(w, DAY) & west
    assert len(off_at(w, DAY) - west) == 200 - len(west)


def test_outlines_with_times_are_a_mask(tmp_path):
    spec = OutageTableSpec(kind="outage_table", path=str(districts(tmp_path)), cause="power")
    w = world(spec)
    assert len(off_at(w, 15)) == 200
    assert {kind for *_, kind in windows(w)} == {"down_power"}


def mask(folder, values, name="mask.tif"):
    """A raster over the network, its northern half first."""
    rasterio = pytest.importorskip("rasterio")
    lat, lon = NETWORK.frame.to_latlon(NETWORK.sites.x_m, NETWORK.sites.y_m)
    north, west = lat.max() + 0.001, lon.min() - 0.001
    high, wide = (north - lat.min() + 0.001) / 2, lon.max() - west + 0.001
    place = rasterio.Affine(wide, 0, west, 0, -high, north)
    keys = {"driver": "GTiff", "height": 2, "width": 1, "count": 1, "crs": "EPSG:4326", "transform": place}
    with rasterio.open(folder / name, "w", dtype="float32", **keys) as file:
        file.write(np.array(values, dtype=np.float32).reshape(2, 1), 1)
    return str(folder / name), lat > north - high


def test_a_raster_is_a_mask_with_the_times_of_the_scenario(tmp_path):
    path, north = mask(tmp_path, [1, 0])
    spec = OutageTableSpec(kind="outage_table", path=path, at_s=100, from_s=0, until_s=500, cause="power")
    w = world(spec, horizon_s=1000)
    assert set(off_at(w, 300)) == set(np.flatnonzero(north).tolist())
    assert not len(off_at(w, 700))
    assert not len(off_at(world(spec.model_copy(update={"path": mask(tmp_path, [0, 0])[0]})), 300))


def test_a_raster_without_times_or_with_other_values_is_refused(tmp_path):
    path, _ = mask(tmp_path, [1, 0])
    for keys, says in (
        ({}, "Give from_s"),
        ({"from_s": 9, "until_s": 9}, "is not after from_s"),
        ({"from_s": 0, "path": mask(tmp_path, [7, 0], "b.tif")[0]}, "not 0 where sites stay on"),
        ({"from_s": 0, "path": str(districts(tmp_path))}, "has its own times"),
    ):
        with pytest.raises(DataError, match=says):
            world(OutageTableSpec(**{"kind": "outage_table", "path": path, **keys}))


def test_one_operator_may_be_off_alone(tmp_path):
    one = replace(NETWORK, operators=("A", "B"), cells=replace(NETWORK.cells))
    operator = np.array(one.cells.operator)
    operator[one.cells.site % 2 == 1] = 1
    one = replace(one, cells=replace(one.cells, operator=operator))
    w = world(spec_of(tmp_path, "operator,day,share\nB,0,1\n"), network=one)
    assert off_at(w, 0) == set(range(1, 200, 2))


def test_a_table_with_a_disturbance_beside_it_is_off_until_the_last_is_over(tmp_path):
    from ewsim.disturbances.spec import SiteDestroyedSpec, WhereSpec

    cut = SiteDestroyedSpec(kind="site_destroyed", at_s=50, restored_at_s=200, where=WhereSpec(sites=("S4",)))
    w = world(spec_of(tmp_path, "site,start_s,end_s,cause\nS4,100,300,power\n"), cut)
    assert [row for row in windows(w) if row[0] == 4] == [
        (4, 50, 200, "destroyed"),
        (4, 200, 300, "down_power"),
    ]


FAULTY = [
    ("site,start_s,end_s\nS1,20,10\n", "2:3: end_s (10) is not after start_s. Give a later end."),
    ("site,start_s,end_s\nS1,20,20\n", "2:3: end_s (20) is not after start_s."),
    ("site,start_s,end_s\nS1,1,9\n\nS1,8,12\n", "4:1: this outage of S1 overlaps with that in line 2."),
    ("site,start_s\nS1,1\nS1,5\n", "3:1: this outage of S1 overlaps with that in line 2."),
    ("site,start_s\nS1,1\nS_2,5\n", "3:1: the network has no site 'S_2'. Did you mean 'S2'?"),
    (
        "site,start_s\nXA,1\nXB,1\nXC,1\n",
        "2:1: the network has none of the 3 sites of the table (this one is 'XA').",
    ),
    ("operator,day,share\nTelco,1,0.5\n", "2:1: the network has no operator 'Telco'."),
    ("site,start_s\n,1\n", "2:1: the row names no site, feeder or area. Say what was off."),
    ("start_s\n1\n", "2:1: the table has no column of sites, feeders or areas."),
    ("site,start\nS1,2017-09-20T10:00:00Z\n", "2:2: start is '2017-09-20T10:00:00Z', and nothing says when"),
    ("site,start\nS1,3\n", "2:2: start is '3', not a date. Name the column start_s or start_h"),
    ("site,start_s\nS1,soon\n", "2:2: start_s 'soon' is not a number."),
    ("site,start_s,cause\nS1,1,aliens\n", "2:3: cause is 'aliens'. Write one of power, transport, damage"),
    ("district,start_h\nA,1\n", "2:1: district is 'A', and nothing says where that is. Give outlines"),
    (
        "district,day,share\nA,1,1\nB,2,1\n",
        "3:1: the table has the areas 'A' and 'B', and nothing says where",
    ),
    ("day,share\n1,1.4\n", "2:2: share is '1.4', more than all. Write 0.68"),
    ("day,share\n1,-0.1\n", "2:2: share is '-0.1', below 0."),
    ("day,share\n1,\n", "2:2: share is missing."),
    ("day,share\n1,0.5\n1,0.6\n", "3:1: the country has this time in line 2 too."),
    (
        "day,cause,share\n1,power,0.7\n1,damage,0.6\n",
        "3:1: the shares of the country by cause add up to 1.30",
    ),
    ("day,sites_out\n1,5\n", "2:2: sites_out is '5', without a total. Give sites_total too."),
    ("event,day,share\na,1,0.5\nb,1,0.5\n", "3:1: the table has 2 events: a, b. Choose one with event."),
    ("name,colour\na,b\n", "1:1: the table says not when sites were off; it has 'name', 'colour'."),
    ("site,start_s\n", "1:1: the table has no outage."),
]


@pytest.mark.parametrize(("text", "said"), FAULTY)
def test_what_is_wrong_with_a_table_is_named_with_its_place(tmp_path, text, said):
    spec = spec_of(tmp_path, text)
    with pytest.raises(DataError) as raised:
        world(spec)
    (first, *_) = raised.value.diagnostics
    assert str(first).startswith(f"{spec.path}:{said}")


def test_a_date_of_another_century_is_a_fault(tmp_path):
    text = "site,start\nS1,1907-01-14T15:30:00Z\n"
    with pytest.raises(DataError, match="2:2: start is '1907-01-14T15:30:00Z', more than 31 years from"):
        world(spec_of(tmp_path, text, decided_at="2017-09-20T13:00:00Z"))


def test_every_fault_of_a_table_is_listed_at_once(tmp_path):
    text = "site,start_s,end_s,cause\nS1,2,1,aliens\nS2,x,1,power\n"
    with pytest.raises(DataError) as raised:
        world(spec_of(tmp_path, text))
    assert [(d.line, d.column) for d in raised.value.diagnostics] == [(2, 3), (2, 4), (3, 2)]


def test_a_district_that_the_outlines_lack_is_a_fault(tmp_path):
    table = "district,day,share\nwest,0,0.5\nWst,0,0.25\n"
    with pytest.raises(DataError, match=r"3:1: .*districts.geojson has no area 'Wst'. Did you mean 'West'"):
        world(spec_of(tmp_path, table, districts=str(districts(tmp_path))))


def test_one_event_of_several_is_chosen_and_rows_of_customers_are_left_out(tmp_path):
    text = "event,series,day,share\na,sites_out,1,0.5\nb,customers_without_mains,1,1\nb,sites_out,1,0.25\n"
    assert len(off_at(world(spec_of(tmp_path, text, event="b")), DAY)) == 50


def test_a_series_of_one_area_is_of_the_country(tmp_path):
    assert len(off_at(world(spec_of(tmp_path, "district,day,share\nA,1,0.5\nA,2,0\n")), DAY)) == 100


def test_a_scenario_with_a_wrong_table_is_refused_and_one_that_does_nothing_has_a_note(tmp_path):
    (tmp_path / "t.csv").write_text("site,start_s\nnowhere,1\nelsewhere,1\nthird,2\n")
    file = scenario(tmp_path, "  - {kind: outage_table, path: t.csv}")
    with pytest.raises(ScenarioError, match=r"t.csv:2:1: the network has none of the 3 sites of the table"):
        check_country(load_scenario(file))
    (tmp_path / "t.csv").write_text("day,share\n3,0.5\n")
    (note,) = [n for n in check_country(load_scenario(file)).notes if n.startswith("s.yaml:")]
    assert note.startswith(
        "s.yaml:7:26: warning: its first outage is at 259200 s, and the run ends after 600"
    )


def test_a_million_microseconds_are_never_off_by_one(tmp_path):
    """Sites that come back do so once, and none is off beyond its end."""
    w = world(spec_of(tmp_path, "day,share\n0,0.3\n0.3,0.7\n0.7,0.1\n1,0.9\n2,0\n"))
    found = windows(w)
    assert all(a < b < NEVER for _, a, b, _ in found)
    for site in range(200):
        mine = [(a, b) for s, a, b, _ in found if s == site]
        assert all(end < begin for (_, end), (begin, _) in pairwise(mine))


def test_a_row_with_another_fault_hides_no_unknown_name(tmp_path):
    rows = ["0,1,feeder_1,", "2,1,no_such,", "0,x,feeder_2,Nobody", "0,1,none_too,"]
    text = "\n".join(["start_h,end_h,feeder,operator", *rows])
    with pytest.raises(DataError) as error:
        matched(spec_of(tmp_path, text), NETWORK)
    said = str(error.value)
    for fault in (
        "3:2: end_h (1) is not after",
        "3:3: the network has no feeder 'no_such'",
        "4:2: end_h 'x' is not a",
        "no operator 'Nobody'",
        "5:3: the network has no feeder 'none_too'",
    ):
        assert fault in said


def test_areas_are_named_as_written_beside_the_faults_of_rows_and_outlines(tmp_path):
    table = "district,day,share\nWset,0,0.5\nEast,0,120 %\n"
    for keys, *faults in (
        (
            {"districts": str(districts(tmp_path))},
            "has no area 'Wset'. Did you mean 'West'?",
            "3:3: share is '120 %'",
        ),
        (
            {"districts": str(districts(tmp_path)), "district_name": "no"},
            "no area has a property 'no'",
            "3:3: share",
        ),
        ({}, "the areas 'Wset' and 'East', and nothing says where", "3:3: share is"),
    ):
        with pytest.raises(DataError) as error:
            matched(spec_of(tmp_path, table, **keys), NETWORK)
        assert all(fault in str(error.value) for fault in faults), str(error.value)


def test_outlines_that_name_their_area_need_no_others(tmp_path):
    file = districts(tmp_path)
    file.write_text(file.read_text().replace('"name"', '"district"'))
    rows = matched(OutageTableSpec(kind="outage_table", path=str(file)), NETWORK)
    assert sum(len(sites) for _, sites in rows) == len(NETWORK.sites)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("45575.25", "is '45575.25', a day number of a spreadsheet. Write 2024-10-10T06:00."),
        ("1728540000", "is '1728540000', seconds since 1970. Write 2024-10-10T06:00:00Z."),
        ("13/10/2024 06:00", "is '13/10/2024 06:00', day first. Write 2024-10-13, with its time."),
        ("10/11/2024", "is '10/11/2024', a date that has two readings. Write it as 2024-10-10"),
        ("2024/10/10 06:00", "is '2024/10/10 06:00', without hyphens. Write 2024-10-10 06:00."),
        ("06:00", "is '06:00', a time without its date."),
        ("2024-10-10 06:00 UTC", "with a zone by its name. Write its difference to UTC: 2024-10-10 06:00Z."),
        ("2024-10-10 06:00 CEST", "Write its difference to UTC: 2024-10-10 06:00+02:00."),
        ("2024-02-30", "is '2024-02-30', which no calendar has."),
        ("5", "is '5', not a date. Name the column start_s or start_h for seconds or hours."),
    ],
)
def test_a_date_that_cannot_be_read_says_what_to_write(tmp_path, text, said):
    with pytest.raises(DataError) as error:
        read_observations(spec_of(tmp_path, f"site,start\nA,{text}\n", decided_at="2024-10-10T00:00:00Z"))
    assert said in str(error.value)


def test_a_cell_of_a_workbook_with_a_day_alone_is_its_noon(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (
        ["site", "start", "end"],
        ["A", date(2024, 10, 10), datetime.fromisoformat("2024-10-11T06:00")],
    ):
        book.active.append(row)
    book.save(tmp_path / "outages.xlsx")
    spec = OutageTableSpec.model_validate(
        {"kind": "outage_table", "path": str(tmp_path / "outages.xlsx"), "decided_at": "2024-10-10T00:00:00Z"}
    )
    assert [(row.from_s, row.until_s) for row in read_observations(spec)] == [(43_200, 108_000)]
