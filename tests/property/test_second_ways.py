"""Sites with second ways, against a search of the whole network at every moment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim.engine import benchmark_world
from ewsim.network.topology import CORE
from ewsim.streams import Streams
from ewsim.units import US
from ewsim.world import Element, World

PLAIN = benchmark_world.setup(10, 60).network
SITES = len(PLAIN.sites)
CORES = 2
END = 1_000 * US

ways = st.lists(st.tuples(st.integers(0, SITES - 1), st.integers(CORE, SITES - 1)), max_size=6)
elements = st.one_of(
    st.builds(Element, st.sampled_from(["site", "link"]), st.integers(0, SITES - 1)),
    st.builds(Element, st.just("core"), st.integers(0, CORES - 1)),
    st.sampled_from([Element("cable", 0), Element("satellite", 0)]),
)
changes = st.lists(st.tuples(elements, st.booleans()), max_size=30)


def network(pairs, terminals, carries):
    core = (np.arange(SITES) % CORES).astype(np.int32)
    sites = replace(
        PLAIN.sites, ways=np.array([p for p in pairs if p[0] != p[1]], dtype=np.int32).reshape(-1, 2)
    )
    return replace(
        PLAIN,
        sites=sites,
        core_names=("core_1", "core_2"),
        core=core,
        cable=True,
        satellite_sites=np.array(sorted(terminals), dtype=np.int64),
        satellite_carries=carries,
    )


def serving(world: World) -> set[int]:
    """Who has a way to the core, by walking from it over everything that works until nothing is new."""
    net, ok = world.network, world.works
    stands = [ok(Element("site", s)) for s in range(SITES)]
    core = [ok(Element("core", c)) and ok(Element("cable", 0)) for c in range(CORES)]
    edges = [(s, p) for s, p in enumerate(net.sites.parent.tolist()) if ok(Element("link", s))]
    edges += [(a, b) for a, b in net.sites.ways.tolist()]
    found: set[int] = set()
    while True:
        new = {a for a, b in edges if stands[a] and (core[net.core[a]] if b == CORE else b in found)}
        new |= {b for a, b in edges if b >= 0 and stands[b] and a in found}
        if new <= found:
            break
        found |= new
    over = set()
    if ok(Element("satellite", 0)):
        for terminal, carried in world._ways._carried.items():
            if terminal not in found:
                for s in carried:
                    up = s == terminal or (net.sites.parent[s] in found | over and ok(Element("link", s)))
                    over |= {s} if up and stands[s] else set()
    return found | over


@settings(max_examples=40, deadline=None)
@given(ways, st.sets(st.sampled_from([s for s in range(SITES) if PLAIN.sites.parent[s] == CORE])), changes)
def test_a_site_serves_while_it_has_any_way(pairs, terminals, rows):
    world = World(network(pairs, terminals, 2), Streams(1), END)
    for element, works in rows:
        if works:
            world.restore(element, "storm")
        else:
            world.fail(element, "storm")
        assert {s for s in range(SITES) if world.root[s] is None} == serving(world)
        for site in range(SITES):
            root = world.root[site]
            assert root is None or root.by == "storm"
