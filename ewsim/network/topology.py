"""The network as it was built: sites, cells, operators, tracking areas, backhaul and power.

Immutable. What changes during a run (what is up, what is on air) is in `ewsim.world`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.geography.plane import LocalFrame
from ewsim.network.coverage import Coverage

#: `Sites.parent` of a site that is connected to the core itself.
CORE = -1
#: A site that runs this long by itself has its own power and no grid to lose. Assumption: so does a
#: site that a table calls off the grid (solar, generators run for good) [s].
OFF_GRID_S = 30 * 86_400.0


@dataclass(frozen=True, slots=True)
class Sites:
    """Masts; arrays of one length, the index is the site's number.

    `parent` is the next site towards the core on the backhaul (CORE: the core itself); cutting one
    site's link cuts its whole subtree. `feeder` is the grid feeder. `battery_s` is the nominal
    running time of the battery [s], `generator_s` the further one of a generator with its fuel [s], 0
    without one; how much of it works in a run is luck (`ewsim.disturbances.power.supplies`).
    `battery_stated`, `generator_stated` mark the sites whose figure a table states (None: no site).
    `ways` are further links, shape (links, 2), that take over when the first way is cut; the second
    end may be CORE.
    """

    name: tuple[str, ...]
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    height_m: NDArray[np.float64]
    parent: NDArray[np.int32]
    feeder: NDArray[np.int32]
    battery_s: NDArray[np.float64]
    generator_s: NDArray[np.float64]
    battery_stated: NDArray[np.bool_] | None = None
    generator_stated: NDArray[np.bool_] | None = None
    ways: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int32))

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells; arrays of one length, the index is the cell's number.

    `rat` indexes `units.RATS`. `azimuth_deg` is the sector's boresight clockwise from north, NaN
    for an omnidirectional cell. `eirp_dbm` is per resource element (4G, 5G), per pilot channel
    (3G), per carrier (2G): what the measured signal (RSRP, RSCP, RxLev) is relative to.
    `tracking_area` is the number of the tracking area (4G, 5G) or location area (2G, 3G); numbers
    are not shared between operators.
    """

    name: tuple[str, ...]
    site: NDArray[np.int32]
    operator: NDArray[np.int16]
    rat: NDArray[np.int8]
    azimuth_deg: NDArray[np.float64]
    frequency_mhz: NDArray[np.float64]
    eirp_dbm: NDArray[np.float64]
    tracking_area: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True)
class Deployable:
    """A unit with cells that is brought: where it stands [m], how far it is heard [m], whom it serves.

    `power_db` is its power beside that of a mast of the network [dB], `capacity_count` the phones that it
    can serve at once; operators and technologies are numbers.
    """

    name: str
    x_m: float
    y_m: float
    height_m: float
    range_m: float
    power_db: float
    capacity_count: int
    operators: tuple[int, ...]
    rats: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """One country's mobile networks.

    `feeder_names` names the grid feeders; `land` is the coastline in the frame's metres (None when
    not known); `notes` are sentences a report must print about how this network was made or read
    (rows dropped, values assumed); `coverage` are rasters of the signal that replace the path loss
    model where people camp (None: the model). `links_assumed`: none of the links is stated.
    `crowd_sourced`: the table of cells is of volunteers, who have not been everywhere.
    `core` is the core site of each site whose link leads to the core (no names: the core does not fail),
    and `cable` whether all of them hang on one; `satellite_sites` have terminals, each for so many sites.
    `substation` is the one above each feeder, by its place in `substation_names`; empty where not known.
    `fixed` is the same network without the deployable cells that a scenario brings, whose sites and cells
    stand after all others (`network.deployed`), a site for each of `deployables`; None: there are none.
    """

    frame: LocalFrame
    operators: tuple[str, ...]
    sites: Sites
    cells: Cells
    feeder_names: tuple[str, ...]
    tracking_area_count: int
    land: BaseGeometry | None = None
    notes: tuple[str, ...] = field(default=())
    coverage: Coverage | None = None
    links_assumed: bool = False
    crowd_sourced: bool = False
    substation_names: tuple[str, ...] = ()
    core_names: tuple[str, ...] = ()
    core: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    cable: bool = False
    satellite_sites: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    satellite_carries: int = 0
    substation: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    fixed: Network | None = None
    deployables: tuple[Deployable, ...] = ()

    @property
    def built(self) -> Network:
        """The network without deployable cells."""
        return self if self.fixed is None else self.fixed

    @property
    def range_m(self) -> NDArray[np.float64]:
        """How far each deployable is heard at most [m], shape (deployables,)."""
        return np.array([unit.range_m for unit in self.deployables])
