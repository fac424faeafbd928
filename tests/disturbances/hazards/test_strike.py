"""What a hazard breaks and when: stronger breaks more and no later; repairs, people, words, faults."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ewsim.disturbances import timeline
from ewsim.disturbances.hazards.doubts import like_knots
from ewsim.disturbances.hazards.spec import CycloneSpec, EarthquakeSpec, FixSpec
from ewsim.disturbances.hazards.strike import Strike
from ewsim.engine import benchmark_world
from ewsim.errors import InputError
from ewsim.experiments.replications import run_scenario
from ewsim.network.additions import with_substations
from ewsim.scenario.load import load_scenario
from ewsim.scenario.starting.starter import write_starter
from ewsim.streams import Streams
from ewsim.units import US
from ewsim.world import Element, World

HOUR = 3600


@pytest.fixture(scope="module")
def network():
    return benchmark_world.setup(10, 120).network


def storm(network, wind_m_s, **keys):
    """A storm that crosses the network's middle at the decision, from the east."""
    lat, lon = (float(v) for v in network.frame.to_latlon(0.0, 0.0))
    track = [
        {"time_s": t, "centre": [lat, lon + d], "max_wind_m_s": wind_m_s, "radius_max_wind_m": 30_000}
        for t, d in ((-12 * HOUR, 3), (12 * HOUR, -3))
    ]
    return CycloneSpec.model_validate({"kind": "cyclone", "track": track, **keys})


def first_losses(network, spec, seed=3):
    """When each element first fails, by what [us]."""
    first = {}
    for loss in Strike(0, spec).losses(network, Streams(seed)):
        key = (loss.component, loss.element)
        first[key] = min(first.get(key, loss.at_us), loss.at_us)
    return first


@settings(deadline=None, max_examples=10, derandomize=True)
@given(weaker=st.floats(20, 70), more=st.floats(0, 25), seed=st.integers(0, 50))
def test_a_stronger_storm_breaks_the_same_and_more_and_no_later(network, weaker, more, seed):
    one = first_losses(network, storm(network, weaker), seed)
    other = first_losses(network, storm(network, weaker + more), seed)
    assert one.keys() <= other.keys()
    # Times are those of 10-minute steps: the rain of both storms differs in shape, not only in strength.
    assert all(other[key] <= at for key, at in one.items() if key[0] not in ("washout", "road"))


def test_a_long_feeder_fails_where_the_hazard_is(network):
    x = np.linspace(0, 300_000, len(network.sites))
    sites = replace(network.sites, x_m=x, y_m=np.zeros(x.size), feeder=np.zeros(x.size, dtype=np.int32))
    long = replace(network, sites=sites, feeder_names=("one",))
    lat, lon = (float(v) for v in network.frame.to_latlon(0.0, 0.0))
    quake = {"kind": "earthquake", "epicentre": [lat, lon], "magnitude": 7, "hypocentre_depth_m": 10_000}
    spec = EarthquakeSpec.model_validate(quake)
    hit = {where: at for where, at in first_losses(long, spec).items() if where[0].startswith("feeder")}
    lost = {element.number for (component, element) in hit if component == "feeder_part"}
    assert lost
    assert x[list(lost)].max() < 200_000
    assert not any(component == "feeder" for component, _ in hit)
    losses = [loss for loss in Strike(0, spec).losses(long, Streams(3)) if loss.component == "feeder_part"]
    together = {loss.back_us for loss in losses}
    assert len(together) < len(losses)
    near = replace(long, sites=replace(sites, x_m=x / 10))  # 30 km: one feeder, as before
    assert not any(component == "feeder_part" for component, _ in first_losses(near, spec))


def test_another_disturbance_before_it_changes_nothing(network):
    spec, streams = storm(network, 60), Streams(3)
    assert Strike(0, spec).losses(network, streams) == Strike(5, spec).losses(network, streams)


def test_the_clock_starts_with_the_storm_and_what_fails_is_repaired(network):
    spec = storm(network, 55, restoration={"feeder_mean_s": HOUR, "link_mean_s": HOUR, "site_mean_s": HOUR})
    start = timeline.starts_us([spec])
    assert start == -12 * HOUR * US
    world = World(network, Streams(3), 60 * HOUR * US, start)
    timeline.start(world, [spec])
    world.run()
    kinds = {(element, kind) for _, element, kind, *_ in world.events}
    assert {
        ("site", "destroyed"),
        ("feeder", "grid_lost"),
        ("feeder", "grid_back"),
        ("site", "rebuilt"),
    } <= kinds
    assert {("hazard", "arrives"), ("hazard", "strongest"), ("hazard", "leaves")} <= kinds
    assert all(root is None for root in world.root)  # all is back after two days
    windows = world.grid_windows()
    assert len(windows)
    assert (windows[:, 1] < windows[:, 2]).all()


def test_a_substation_takes_its_feeders(network):
    above = with_substations(network, 2)
    spec = storm(network, 90, fragility={"substation": {"median": 40, "sigma": 0.1}})
    taken = {
        loss.element for loss in Strike(0, spec).losses(above, Streams(3)) if loss.component == "substation"
    }
    assert taken == {Element("substation", 0), Element("substation", 1)}


def test_without_repairs_nothing_is_back(network):
    losses = Strike(0, storm(network, 55, restoration=None)).losses(network, Streams(3))
    assert losses
    assert all(loss.back_us is None for loss in losses)


def test_a_breeze_breaks_nothing(network):
    assert Strike(0, storm(network, 12)).losses(network, Streams(3)) == []


# --- in a scenario --------------------------------------------------------------------------------


@pytest.fixture
def scenario(tmp_path):
    """A starter of few people with these lines under `disturbances`."""

    def write(*lines):
        file, _ = write_starter(tmp_path / "s.yaml", force=True)
        text = file.read_text(encoding="utf-8").partition("disturbances:")[0]
        text += "disturbances:\n" + "".join(f"  {line}\n" for line in lines)
        file.write_text(text, encoding="utf-8")
        return file

    return write


def crossing(wind_m_s, lat=15.5, lon=-45.0):
    return (
        "- kind: cyclone",
        "  label: Alpha",
        "  track:",
        f"    - {{time_s: -36000, centre: [{lat}, {lon + 3}], max_wind_m_s: {wind_m_s}}}",
        f"    - {{time_s: 36000, centre: [{lat}, {lon - 3}], max_wind_m_s: {wind_m_s}}}",
    )


def checked(file):
    from ewsim.country.checking import check_country

    return check_country(load_scenario(file)).notes


def centre_of(file):
    island = load_scenario(file).spec.population.island
    return island.centre


def test_people_have_the_time_when_the_storm_reaches_them(scenario):
    lat, lon = centre_of(scenario(*crossing(50)))
    file = scenario(*crossing(50, lat, lon))
    result = run_scenario(load_scenario(file, sets=["population.people_count=300"]))
    arrives = result.people["hazard_arrival_s"]
    assert arrives.notna().all()
    assert arrives.between(-36_000, 0).all()
    said = result.events[result.events["element"] == "hazard"]["detail"].astype(str)
    assert said.str.startswith("Alpha: ").all()


def test_a_radius_in_km_is_refused():
    fix = {"time_s": 0, "centre": [15, -45], "max_wind_m_s": 50}
    with pytest.raises(ValidationError, match="greater than or equal to 1000"):
        FixSpec.model_validate(fix | {"radius_max_wind_m": 30})


def test_a_storm_far_away_is_a_note_and_a_mirrored_one_a_fault(scenario):
    lat, lon = centre_of(scenario(*crossing(50)))
    (note,) = (n for n in checked(scenario(*crossing(50, lat + 25, lon))) if "hazard" in n)
    assert "s.yaml:" in note
    assert "warning: this hazard touches no site of the network: strongest gust at a site" in note
    for other, how in (
        ((lat, -lon), "its longitudes' signs turned: west is negative"),
        ((-lat, lon), "its latitudes' signs turned: south is negative"),
        ((lon, lat), "latitude and longitude exchanged"),
    ):
        with pytest.raises(InputError, match=f"the hazard touches no site, and would with {how}"):
            checked(scenario(*crossing(50, *other)))


def test_winds_that_may_be_knots_are_a_note(scenario):
    lat, lon = centre_of(scenario(*crossing(50)))
    assert not any("knots" in note for note in checked(scenario(*crossing(60, lat, lon))))
    (note,) = (n for n in checked(scenario(*crossing(85, lat, lon))) if "knots" in n)
    assert "few storms have had 85 m/s" in note
    more = f"    - {{time_s: 40000, centre: [{lat}, {lon - 3.5}], max_wind_m_s: 65}}"
    assert any("multiples of 5" in note for note in checked(scenario(*crossing(60, lat, lon), more)))


def test_winds_of_a_table_that_may_be_knots_are_a_note(tmp_path):
    file = tmp_path / "track.csv"
    for winds, unit, said in (
        ((65, 75, 80), "m_s", "multiples of 5"),
        ((51, 62, 84), "m_s", "few storms have had 84 m/s"),
        ((65, 75, 170), "kt", ""),
        ((51, 62, 61), "m_s", ""),
    ):
        rows = "".join(f"{n},15,{n - 45},{wind}\n" for n, wind in enumerate(winds))
        file.write_text(f"time_s,lat,lon,max_wind_{unit}\n{rows}", encoding="utf-8")
        found = like_knots(CycloneSpec(kind="cyclone", path=str(file), label=f"{winds}"))
        assert (said in found) if said else not found


def test_a_storm_after_the_run_is_a_note(scenario):
    lat, lon = centre_of(scenario(*crossing(50)))
    late = scenario(*crossing(50, lat, lon), "  at_s: 500000")
    assert any("this hazard comes 4" in note for note in checked(late))


@pytest.mark.parametrize(
    ("fix", "said"),
    [
        ("{time_s: 9, centre: [15, -45], max_wind_m_s: 135}", "no storm has had 135 m/s"),
        ("{time_s: 9, centre: [15, -45], max_wind_m_s: 80, central_pressure_hpa: 979}", "write 41.2."),
        ("{time_s: -99999, centre: [15, -45], max_wind_m_s: 50}", "this is not later than the fix before."),
        ("{centre: [15, -45], max_wind_m_s: 50}", "this fix has no time."),
        ("{time_s: 9, centre: [15, -45]}", "this fix has neither wind nor pressure."),
        ("{time: 2030-01-01T00:00:00Z, centre: [15, -45], max_wind_m_s: 50}", "Give decided_at beside track"),
    ],
)
def test_every_fault_of_a_track_has_its_place(scenario, fix, said):
    lines = [*crossing(50)[:4], f"    - {fix}"]
    file = scenario(*lines)
    line = len(file.read_text(encoding="utf-8").splitlines())
    with pytest.raises(InputError) as error:
        load_scenario(file)
    (fault,) = error.value.diagnostics
    assert said in f"{fault.message} {fault.fix}"
    assert fault.line == line


def test_a_file_that_is_not_there_and_no_track_at_all(scenario):
    with pytest.raises(InputError) as error:
        load_scenario(scenario("- {kind: cyclone, path: nowhere.txt}", "- {kind: cyclone}"))
    first, second = map(str, error.value.diagnostics)
    assert "there is no file 'nowhere.txt'" in first
    assert "the cyclone has no track" in second


def test_arrivals_of_many_people_come_from_squares_and_do_not_depend_on_who_is_there(network):
    from ewsim.disturbances.hazards.footprint import footprint_of

    footprint = footprint_of(storm(network, 50))
    luck = Streams(1).uniform("test.place", np.arange(20_000)).reshape(2, -1)
    lat, lon = network.frame.to_latlon(*((luck - 0.5) * 60_000))
    many = footprint.arrives_s(lat, lon, (0.01, 0.01))
    few = footprint.arrives_s(lat[:50], lon[:50])
    assert np.abs(many[:50] - few).max() < 300
    assert np.array_equal(many[700:800], footprint.arrives_s(lat[700:800], lon[700:800], (0.01, 0.01)))
