"""A raster of where sites are off: 1 off, 0 on, for a time that the scenario says."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ewsim.disturbances.observed.spec import OutageTableSpec
from ewsim.errors import DataError
from ewsim.geography.formats import what_is
from ewsim.network.coverage import read_values
from ewsim.network.topology import Network


def is_mask(spec: OutageTableSpec) -> bool:
    """Whether the file is a raster."""
    return what_is(Path(spec.path)).read_as == "raster"


def times_of_mask(spec: OutageTableSpec) -> tuple[float, float]:
    """From when until when its sites are off, after the decision [s]; inf where no end is given.

    Raises
    ------
    DataError
        Nothing says when, or the end is before the beginning.
    """
    path = Path(spec.path)
    if spec.from_s is None:
        fix = "Give from_s beside its path, and until_s if they are on again."
        raise DataError.at(path, "a mask has no times, and nothing says when its sites go off.", fix)
    if spec.until_s is None:
        return spec.at_s + spec.from_s, math.inf
    if spec.until_s <= spec.from_s:
        what = f"until_s ({spec.until_s:g}) is not after from_s ({spec.from_s:g})."
        raise DataError.at(path, what, "Give a later until_s.")
    return spec.at_s + spec.from_s, spec.at_s + spec.until_s


def inside_mask(spec: OutageTableSpec, network: Network) -> NDArray[np.int64]:
    """The sites where it is 1; where it is 0 or has no data, and beyond its edge, they stay on.

    Raises
    ------
    DataError
        It cannot be read, or has other values.
    """
    raster = read_values(Path(spec.path), 0.0, 1.0, "0 where sites stay on, 1 where they are off")
    lat, lon = network.frame.to_latlon(network.sites.x_m, network.sites.y_m)
    return np.flatnonzero(raster.at(lat, lon) >= 0.5)
