"""Second ways: which sites have a way to the core when links, relays or core sites fail.

The first ways form a tree (`topology.Sites.parent`). Where there are others (rings, links of a file,
satellite terminals), sites that hang together over them are looked at together: a site has a way when
its own link leads to one that has, or another link of it does.

Assumptions: a second way takes over at once, and carries all that the first did; a satellite terminal
carries its own site and so many of those that hang on it, the nearest by links first.
"""

from collections.abc import Callable, Collection

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ewsim.network.topology import Network


class Ways:
    """The second ways of a network.

    Parameters
    ----------
    network
        The network as built.
    parent
        The node on which each site and core site hangs, negative for none.
    children
        Who hangs on each.
    """

    def __init__(self, network: Network, parent: list[int], children: list[list[int]]) -> None:
        sites = len(network.sites)
        self._sites, self._parent, self._children = sites, parent, children
        self._others: dict[int, list[int]] = {}
        for a, b in network.sites.ways.tolist():
            if b >= 0:
                self._others.setdefault(b, []).append(a)
            elif network.core_names:
                b = sites + int(network.core[a])
            self._others.setdefault(a, []).append(b)
        self._carried = self._by_satellite(network)
        #: The groups, each site before those that hang on it.
        self.groups = self._groups()
        self._group = {site: members for members in self.groups for site in members}

    @property
    def every(self) -> set[int]:
        """Every site that is in a group."""
        return set(self._group)

    def _by_satellite(self, network: Network) -> dict[int, list[int]]:
        """The sites that each terminal carries, its own first; a terminal carries none of another's."""
        terminals = network.satellite_sites.tolist()
        taken, carried = set(terminals), {}
        for terminal in terminals:
            mine = [terminal]
            for site in mine:
                mine += [child for child in self._children[site] if child not in taken]
                if len(mine) >= network.satellite_carries:
                    break
            carried[terminal] = mine[: network.satellite_carries]
            taken.update(mine)
        return carried

    def _groups(self) -> list[list[int]]:
        """Sites that hang together, where each has a second way, carries one that has, or could have one."""
        wanted: set[int] = set()
        by_satellite = {site for sites in self._carried.values() for site in sites}
        behind = {child for site in by_satellite for child in self._children[site]}
        for site in (*self._others, *by_satellite, *behind):
            at = site
            while 0 <= at < self._sites and at not in wanted:
                wanted.add(at)
                at = self._parent[at]
        sites = sorted(wanted)
        row = {site: number for number, site in enumerate(sites)}
        pairs = [(row[s], row[self._parent[s]]) for s in sites if self._parent[s] in row]
        pairs += [(row[a], row[b]) for a, others in self._others.items() for b in others if b in row]
        a, b = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        graph = coo_array((np.ones(a.size), (a, b)), shape=(len(sites), len(sites)))
        count, number = connected_components(graph, directed=False) if sites else (0, np.zeros(0))
        groups: list[list[int]] = [[] for _ in range(count)]
        order = [site for site in sites if self._parent[site] not in row]
        for site in order:
            order += [child for child in self._children[site] if child in row]
            groups[int(number[row[site]])].append(site)
        return groups

    def includes(self, site: int) -> bool:
        """Whether it takes more than a site's own link to know whether it has a way."""
        return site in self._group

    def around(self, node: int) -> list[int]:
        """The sites whose second ways depend on a node, in order; none where there are no such ways."""
        if node < self._sites:
            return self._group.get(node, [])
        found: dict[int, list[int]] = {}
        todo = [node]
        for at in todo:
            if at < self._sites:
                members = self._group.get(at, [])
                found |= {members[0]: members} if members else {}
            else:
                todo += self._children[at]
        return [site for members in found.values() for site in members]

    def connected(
        self,
        members: list[int],
        runs: Callable[[int], bool],
        linked: Callable[[int], bool],
        core: Callable[[int], bool],
        *,
        satellite: bool,
        bridged: Collection[int] = (),
    ) -> set[int]:
        """Those of the members that have a way to the core.

        Parameters
        ----------
        members
            Sites that hang together.
        runs
            Whether a site stands and has power.
        linked
            Whether a site's own link works.
        core
            Whether a node of the core works, negative for the core itself.
        satellite
            Whether the satellite works.
        bridged
            Sites whose way somebody has replaced.
        """
        inside = set(members)
        found: set[int] = set()
        todo: list[int] = []

        def reach(site: int) -> None:
            if site in inside and site not in found and runs(site):
                found.add(site)
                todo.append(site)

        for site in bridged:
            reach(site)
        for site in members:
            first = self._parent[site]
            if not 0 <= first < self._sites and linked(site) and core(first):
                reach(site)
            others = self._others.get(site, ())
            if any(core(other) for other in others if not 0 <= other < self._sites):
                reach(site)
        while todo:
            at = todo.pop()
            for child in self._children[at]:
                if linked(child):
                    reach(child)
            if 0 <= self._parent[at] < self._sites and linked(at):
                reach(self._parent[at])
            for other in self._others.get(at, ()):
                if 0 <= other < self._sites:
                    reach(other)
        if satellite:
            for terminal, carried in self._carried.items():
                if terminal in inside and terminal not in found:
                    for site in carried:
                        over = site == terminal or (self._parent[site] in found and linked(site))
                        if over and runs(site):
                            found.add(site)
        return found
