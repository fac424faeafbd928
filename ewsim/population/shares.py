"""Shares of groups by zone: the scenario's for everyone, or a table's with a row a zone.

Columns are `zone` and any of `female`, `age_0_9`, `age_10_17`, `age_18_34`, `age_35_49`,
`age_50_64`, `age_65_74`, `age_75`, `hearing`, `sight`, `mobility`, `poor`, `visitor` and
`language_<tag>`. Ages and languages are relative to each other; the others are from 0 to 1. Zones
that the table leaves out, and empty values, have the scenario's shares.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ewsim.geography.plane import FloatArray
from ewsim.geography.table import HeadedTable, number, why_no_number
from ewsim.population.people import AGE_BANDS, DISABILITIES
from ewsim.scenario.spec import PopulationSpec
from ewsim.streams import Streams

AGES = tuple("age_" + band.replace("-", "_").rstrip("+") for band in AGE_BANDS)
SINGLE = ("female", *DISABILITIES[1:], "poor", "visitor")

_OCTETS_MAX = 64_000_000


@dataclass(frozen=True, slots=True)
class ZoneShares:
    """Shares by zone: arrays (zones,), or (zones, kinds) that add up to 1 along the second axis."""

    female: FloatArray
    age: FloatArray
    disability: FloatArray
    poor: FloatArray
    visitor: FloatArray
    language: FloatArray


def zone_shares(spec: PopulationSpec, zones: tuple[str, ...], path: Path | None) -> ZoneShares:
    """Shares in each zone.

    Parameters
    ----------
    spec
        The shares of the scenario, which the table changes.
    zones
        Their names.
    path
        The table, if there is one.

    Raises
    ------
    DataError
        Every fault of the table, with its place; a zone that is not there is one.
    """
    languages = tuple(f"language_{language.tag}".casefold() for language in spec.languages)
    known = {str(name): share for name, share in spec.disability_shares.items()}
    impaired = [known.get(name, 0.0) for name in DISABILITIES[1:]]
    default = {
        "female": spec.female_share,
        "poor": spec.poverty_share,
        "visitor": spec.visitors_share,
        **dict(zip(DISABILITIES[1:], impaired, strict=True)),
        **dict(zip(AGES, spec.age_shares, strict=True)),
        **dict(zip(languages, (language.share for language in spec.languages), strict=True)),
    }
    value = {name: np.full(len(zones), share) for name, share in default.items()}
    if path is not None:
        _read(path, value, {zone: at for at, zone in enumerate(zones)})
    hurt = np.column_stack([value[d] for d in DISABILITIES[1:]])
    none = np.maximum(0.0, 1.0 - hurt.sum(axis=1))
    return ZoneShares(
        female=value["female"],
        age=_parts([value[name] for name in AGES]),
        disability=_parts([none, *hurt.T]),
        poor=value["poor"],
        visitor=value["visitor"],
        language=_parts([value[name] for name in languages]),
    )


def _parts(columns: list[FloatArray]) -> FloatArray:
    parts = np.column_stack(columns)
    total = parts.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, parts / np.maximum(total, 1e-300), 1 / parts.shape[1]))


def _read(path: Path, value: dict[str, FloatArray], at_zone: dict[str, int]) -> None:
    table = HeadedTable(path, _OCTETS_MAX, ("zone",))
    header, faults = table.header, table.faults
    for column, name in enumerate(header):
        if name != "zone" and name not in value:
            what, fix = f"column {name[:40]!r} is not a share.", f"Columns: zone, {', '.join(value)}."
            faults.add(table.header_line, column + 1, what, fix)
    if faults:
        raise faults.error()
    seen: dict[str, int] = {}
    for line, row in table:
        zone = row[header.index("zone")].strip()
        if zone not in at_zone:
            some = ", ".join(list(at_zone)[:5])
            faults.add(line, 1, f"there is no zone {zone[:40]!r}.", f"Zones: {some}, ...")
            continue
        if seen.setdefault(zone, line) != line:
            faults.add(line, 1, f"zone {zone!r} is already on line {seen[zone]}.", "Keep one row.")
            continue
        for column, name in enumerate(header):
            text = row[column].strip()
            if name == "zone" or not text:
                continue
            share = number(text)
            if 0 <= share <= (1.0 if name in SINGLE else 1e9):
                value[name][at_zone[zone]] = share
                continue
            comma = why_no_number(text).endswith("comma")
            what = f"{name} {why_no_number(text)}." if comma else f"{name} {text[:40]!r} is not a share."
            faults.add(line, column + 1, what, "Write a number from 0 to 1 with a point.")
    if faults:
        raise faults.error()


def drawn_groups(
    shares: ZoneShares, ids: NDArray[np.int64], zone: NDArray[np.int32], streams: Streams
) -> dict[str, NDArray[np.int8]]:
    """The groups of people in zones, by the columns of `People`.

    Parameters
    ----------
    shares
        Of each zone.
    ids
        Numbers of the people, shape (people,).
    zone
        The zone of each, shape (people,).
    streams
        The random numbers.
    """
    groups = {
        "age_band": _choice(streams, "population.age", ids, shares.age, zone),
        "disability": _choice(streams, "population.disability", ids, shares.disability, zone),
        "language": _choice(streams, "population.language", ids, shares.language, zone),
    }
    for name, purpose, one in (
        ("poverty", "population.poverty", shares.poor),
        ("residence", "population.visits", shares.visitor),
    ):
        groups[name] = (streams.uniform(purpose, ids) < one[zone]).astype(np.int8)
    luck = streams.uniform("population.sex", ids)
    groups["sex"] = (luck >= shares.female[zone]).astype(np.int8)
    return groups


def _choice(
    streams: Streams, purpose: str, ids: NDArray[np.int64], shares: FloatArray, zone: NDArray[np.int32]
) -> NDArray[np.int8]:
    """A kind for each id, by the shares of its zone (zones, kinds)."""
    u = streams.uniform(purpose, ids)
    edges = np.cumsum(shares, axis=1)
    out = np.zeros(ids.size, dtype=np.int8)
    for kind in range(shares.shape[1] - 1):
        out += u >= edges[zone, kind]
    return out
