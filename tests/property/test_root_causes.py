"""The root of an outage, against a search of the whole way to the core at every moment."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim.engine import benchmark_world, simulation
from ewsim.kinds import outages
from ewsim.metrics.causes import by_cause
from ewsim.streams import Streams
from ewsim.units import US
from ewsim.world import World

SETUP = benchmark_world.setup(400, 40)
SITES = len(SETUP.network.sites)
HORIZON_S = 200
WAYS = {"damage": "standing", "power": "powered", "link": "linked"}

changes = st.lists(
    st.tuples(
        st.integers(0, HORIZON_S - 1), st.integers(0, SITES - 1), st.sampled_from(sorted(WAYS)), st.booleans()
    ),
    max_size=25,
)


def root_by_search(failed, parent, site):
    """(what, where, since) of the first failure on the way, the nearest of those at one moment."""
    found, at = [], site
    while at >= 0:
        found += [(failed[at, what], what, at) for what in WAYS if (at, what) in failed]
        at = parent[at]
    if not found:
        return None
    since, what, where = min(found, key=lambda one: one[0])
    return what, where, since


def kind_of(root, site):
    what, where, _ = root
    if what == "link":
        return "down_backhaul"
    if where == site:
        return {"power": "down_power", "damage": "destroyed"}[what]
    return {"power": "down_relay_power", "damage": "down_relay_destroyed"}[what]


@settings(max_examples=60, deadline=None)
@given(changes)
def test_the_root_is_what_failed_first_on_the_way(rows):
    rows = sorted(rows, key=lambda row: row[0])
    world = World(SETUP.network, Streams(1), HORIZON_S * US)
    parent = SETUP.network.sites.parent.tolist()
    failed: dict[tuple[int, str], int] = {}
    expected: Counter[tuple[int, str]] = Counter()  # down time by cell and kind

    def process():
        for at_s, site, what, works in rows:
            if at_s * US > world.env.now:
                yield world.env.timeout(at_s * US - world.env.now)
            world.set_site(site, **{WAYS[what]: works})

    world.env.process(process())
    world.run()
    for number, (at_s, site, what, works) in enumerate(rows):
        if works:
            failed.pop((site, what), None)
        else:
            failed.setdefault((site, what), at_s)
        until = rows[number + 1][0] if number + 1 < len(rows) else HORIZON_S
        for cell, where in enumerate(SETUP.network.cells.site.tolist()):
            root = root_by_search(failed, parent, where)
            if root is not None and until > at_s:
                expected[cell, kind_of(root, where)] += (until - at_s) * US
    names = list(outages())
    found: Counter[tuple[int, str]] = Counter()
    for cell, begins, ends, kind in world.down_windows().tolist():
        found[cell, names[kind]] += min(ends, HORIZON_S * US) - begins
    assert found == expected
    for site in range(SITES):
        root, searched = world.root[site], root_by_search(failed, parent, site)
        assert (root and (root.what, root.site, root.since_us / US)) == searched


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_causes_and_reached_add_up_to_everyone(seed):
    setup = benchmark_world.setup(400, 40, seed)
    channels = benchmark_world.channels(setup, "per_repetition", 500)
    ledger = simulation.ledger(setup, simulation.simulate(setup, channels, Streams(seed)))
    inside = setup.in_area
    missed = by_cause(ledger)["people"].sum()
    reached = ledger.people["weight"][inside & (ledger.cause == 0)].sum()
    assert missed + reached == ledger.people["weight"][inside].sum()
