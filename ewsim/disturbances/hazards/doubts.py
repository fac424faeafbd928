"""Hazards that hardly mean what they say: far from the network, mirrored, too weak or too late."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ewsim.disturbances.hazards.cyclone.best_track import read_track, track_of_spec
from ewsim.disturbances.hazards.footprint import Footprint, footprint_of
from ewsim.disturbances.hazards.spec import CycloneSpec, EarthquakeSpec, HazardSpec
from ewsim.disturbances.hazards.words import MEASURES
from ewsim.errors import KeyFault
from ewsim.geography.plane import FloatArray
from ewsim.network.topology import Network

#: Winds [m/s] that few storms have had (160 kt), and those of category 4 (117 kt) and more.
_RARE_M_S, _STRONG_M_S = 82.0, 60.0

#: What the relation of intensities was fitted to (Allen, Wald and Worden 2012): magnitudes, and sources in
#: the crust (assumption: no deeper than so [m]).
_FITTED_MAGNITUDES, _FITTED_DEPTH_M = (5.0, 7.9), 40_000.0

#: Nearer to where it would be with its coordinates read otherwise, a network may simply be missed [degree].
_APART_DEG = 5.0
_WEST = "Write longitudes west of Greenwich with a minus, e.g. -65.9."
_ORDER = "Latitude comes first in scenario files, longitude first in GeoJSON."
_SOUTH = "Write latitudes south of the equator with a minus."


def astray(spec: HazardSpec, network: Network) -> list[KeyFault]:
    """A fault where a hazard misses every site, and would hit some with its coordinates read otherwise.

    Raises
    ------
    DataError
        Its file is wrong.
    """
    footprint, (lat, lon) = footprint_of(spec), _sites(network)
    if _strongest(footprint, lat, lon) >= footprint.arrival:
        return []
    key = ("track",) if spec.path is None and hasattr(spec, "track") else ("path",)
    ways = (
        (lat, -lon, lon, "its longitudes' signs turned: west is negative", _WEST),
        (lon, lat, lat - lon, "latitude and longitude exchanged", _ORDER),
        (-lat, lon, lat, "its latitudes' signs turned: south is negative", _SOUTH),
    )
    for other_lat, other_lon, apart, how, fix in ways:
        near = np.abs(other_lat).max() > 90 or np.abs(apart).min() < _APART_DEG
        if not near and _strongest(footprint, other_lat, other_lon) >= footprint.arrival:
            return [KeyFault(key, f"the hazard touches no site, and would with {how}.", fix)]
    return []


def untouched(spec: HazardSpec, network: Network, horizon_s: float) -> Iterator[KeyFault]:
    """Why a hazard does nothing in this run.

    Parameters
    ----------
    spec
        Its keys, its path from the current folder.
    network
        The network as built.
    horizon_s
        The end of the run [s].
    """
    if isinstance(spec, CycloneSpec) and (said := like_knots(spec)):
        fix = "If they are, write 0.514 of them."
        if spec.path is not None:
            said, fix = f"in {spec.path} {said}", "If they are, name the column max_wind_kt."
        yield KeyFault(("track",) if spec.path is None else ("path",), f"{said}, and could be in knots.", fix)
    if isinstance(spec, EarthquakeSpec) and spec.magnitude is not None:
        low, high = _FITTED_MAGNITUDES
        deep = spec.hypocentre_depth_m > _FITTED_DEPTH_M
        if deep or not low <= spec.magnitude <= high:
            message = (
                f"the relation was fitted to magnitudes {low:g} to {high:g} in the crust (Allen et al. 2012)."
            )
            fix = "Expect larger errors, or give a ShakeMap's file with path."
            yield KeyFault(("hypocentre_depth_m" if deep else "magnitude",), message, fix)
    footprint = footprint_of(spec)
    exposure = footprint.at(*_sites(network))[footprint.measure]
    reached = exposure.reached_s(footprint.arrival)
    if not np.isfinite(reached).any():
        most = MEASURES[footprint.measure][2].format(float(exposure.peak.max(initial=0)))
        level = MEASURES[footprint.measure][0].format(footprint.arrival)
        why = f": {most}, below {level}" if most else ""
        fix = "Check its places, times and units, or leave it out."
        yield KeyFault(("kind",), f"this hazard touches no site of the network{why}.", fix)
    elif reached.min() > horizon_s:
        when, end = f"{reached.min():,.0f} s after the decision", f"the run ends after {horizon_s:g} s"
        message = f"this hazard comes {when}, and {end}."
        yield KeyFault(("kind",), message, "Give an earlier at_s, or a longer horizon_s.")


def like_knots(spec: CycloneSpec) -> str:
    """Why the winds of a track without pressures look like knots; else nothing."""
    track = track_of_spec(spec) if spec.path is None else read_track(Path(spec.path), spec)
    alone = track.max_wind_m_s[np.isnan(track.pressure_hpa)]
    winds = alone[(alone % 1 == 0) | (spec.path is None)].tolist()  # knots of a file are no whole m/s
    if max(winds, default=0) >= _RARE_M_S:
        return f"few storms have had {max(winds):g} m/s"
    if len(winds) > 2 and max(winds) >= _STRONG_M_S and all(wind % 5 == 0 for wind in winds):
        return "the winds are all multiples of 5, as those of best tracks are"
    return ""


def _sites(network: Network) -> tuple[FloatArray, FloatArray]:
    return network.frame.to_latlon(network.sites.x_m, network.sites.y_m)


def _strongest(footprint: Footprint, lat_deg: FloatArray, lon_deg: FloatArray) -> float:
    """The largest value over places [degree], far fewer than all where there are many."""
    some = slice(None, None, max(1, lat_deg.size // 500))
    return float(footprint.strength(lat_deg[some], lon_deg[some])[footprint.measure].peak.max(initial=0))
