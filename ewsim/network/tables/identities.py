"""The operator and technology of a table's rows, and which rows lie in the country."""

from collections import Counter
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError, count_of
from ewsim.geography.plane import FloatArray, LocalFrame
from ewsim.network.tables import countries
from ewsim.network.tables.formats import CID_BITS, LAC_BITS, LAST_2G_CID, NO_CID, NO_CID_2G, Rows
from ewsim.scenario.spec import NetworkSpec
from ewsim.units import GSM, LTE, RATS, UMTS

#: Assumption: sector numbers up to this are common, and identities that share their upper bits are
#: 4G when this share of them end in one; those of a 3G controller fill all 256 endings.
LAST_SECTOR, SECTOR_SHARE = 31, 0.75


#: A column, what is wrong with its values, and which rows have such a value.
NoCells = tuple[str, str, NDArray[np.bool_]]


def impossible(rats: NDArray[np.int64], lac: NDArray[np.int64], cid: NDArray[np.int64]) -> list[NoCells]:
    """Identities that no cell has.

    Parameters
    ----------
    rats
        Bits of the technologies, shape (rows,); without any, what a 4G cell has is fine.
    lac, cid
        Location or tracking area, and cell [1], shape (rows,).
    """
    newest = np.array([max(n, 1).bit_length() - 1 for n in range(1 << len(RATS))])
    rat = np.where(rats > 0, newest[rats], LTE)
    last_cid, last_lac = (2 ** np.array(bits)[rat] - 1 for bits in (CID_BITS, LAC_BITS))
    return [
        ("cid", "a cell identity that stands for none", np.isin(cid, NO_CID)),
        ("cid", "a 2G cell identity that stands for none", (rat == GSM) & (cid == NO_CID_2G)),
        ("cid", "a cell identity of more bits than its technology has", cid > last_cid),
        ("lac", "an area code that stands for none", (lac <= 0) | (lac == last_lac)),
        ("lac", "a reserved area code", lac == last_lac - 1),
        ("lac", "an area code of more bits than its technology has", lac > last_lac),
    ]


def infer_rats(table: Rows) -> None:
    """Give cells without a technology the one that their identity looks like."""
    c = table.columns
    unknown = np.flatnonzero(c.rats == 0) if table.of_cells else np.empty(0, dtype=np.int64)
    if not unknown.size:
        return
    cid = c.cid[unknown]
    upper = np.column_stack([c.code[unknown], cid >> 16])
    _, group = np.unique(upper, axis=0, return_inverse=True)
    group = group.ravel()
    small = np.bincount(group, (cid & 0xFF) <= LAST_SECTOR) / np.bincount(group)
    modern = small[group] >= SECTOR_SHARE
    rat = np.where(cid <= LAST_2G_CID, GSM, np.where(modern, LTE, UMTS))
    rats = c.rats.copy()
    rats[unknown] = 1 << rat
    table.columns = replace(c, rats=rats)
    counts = ", ".join(f"{n:,} {RATS[r]}" for r, n in enumerate(np.bincount(rat, minlength=len(RATS))) if n)
    table.notes.append(
        f"Technology was inferred from the cell's identity ({counts}): to {LAST_2G_CID:,} 2G; "
        f"above, 4G where {SECTOR_SHARE:.0%} of an operator's identities with the same upper bits "
        f"end in a sector number to {LAST_SECTOR}, else 3G."
    )


def off_the_land(table: Rows, frame: LocalFrame, land: BaseGeometry) -> FloatArray:
    """How far each row is off the land [m]: the same whatever the plane, so all commands agree.

    Parameters
    ----------
    table
        The rows.
    frame
        The plane of the land.
    land
        The land [m].
    """
    c = table.columns
    return np.asarray(shapely.distance(*_true(c.lat_deg, c.lon_deg, frame, land)))


def keep_near(table: Rows, max_offshore_m: float, frame: LocalFrame, land: BaseGeometry) -> None:
    """Drop rows far off the land.

    Parameters
    ----------
    table
        The rows; those far off the land are removed, with a note.
    max_offshore_m
        Distance off the land [m].
    frame
        The plane.
    land
        The land [m].
    """
    c = table.columns
    near = shapely.dwithin(*_true(c.lat_deg, c.lon_deg, frame, land), max_offshore_m)
    far = np.flatnonzero(~near)
    limit = f"{max_offshore_m / 1000:g} km"
    if far.size > near.sum():
        could = np.abs(c.lon_deg) <= 90
        turned = _true(np.where(could, c.lon_deg, 0), c.lat_deg, frame, land)
        swapped = shapely.dwithin(*turned, max_offshore_m)
        if (swapped & could).sum() > near.sum():
            raise _swapped(
                table, f"{far.size:,} of {count_of(near.size, 'rows')} lie more than {limit}", int(far[0])
            )
    if near.any():
        must_be_home(table)
    if not near.any():
        fix = "Check network.land and the coordinates, or raise network.max_offshore_m."
        place = (int(c.line[0]), 1) if len(c) else (0, 0)
        raise DataError.at(table.file, f"no row lies within {limit} of the land.", fix, *place)
    if far.size:
        table.notes.append(f"{count_of(far.size, f'rows more than {limit} off the land were')} dropped.")
        table.columns = c.of(near)


def _true(
    lat_deg: FloatArray, lon_deg: FloatArray, frame: LocalFrame, land: BaseGeometry
) -> tuple[BaseGeometry, NDArray[np.object_]]:
    """Land and points on a plane around the middle of the land, where distances to it are true."""
    west, south, east, north = land.bounds
    middle = LocalFrame(*(float(v) for v in frame.to_latlon((west + east) / 2, (south + north) / 2)))
    x0, y0 = frame.to_xy(middle.lat0_deg, middle.lon0_deg)
    wider = 1.0 + float(frame.stretch(middle.lat0_deg))
    moved = shapely.transform(land, lambda points: (points - (x0, y0)) / (wider, 1.0))
    shapely.prepare(moved)
    return moved, np.asarray(shapely.points(*middle.to_xy(lat_deg, lon_deg)), dtype=np.object_)


def must_be_home(table: Rows) -> None:
    """Raise DataError where rows lie in their country only with latitude and longitude swapped."""
    c = table.columns
    country, right = countries.fits(codes_of(table), c.lat_deg, c.lon_deg)
    if right is False:
        also = f" and in {table.land_file}, which has them swapped too" if table.land_file else ""
        what = f"by their country code the rows are of {country}, and lie there with latitude and longitude "
        raise DataError.at(table.file, f"{what}swapped.", f"Swap them in the table{also}.", int(c.line[0]), 1)


def _swapped(table: Rows, what: str, row: int) -> DataError:
    """The fault where latitude and longitude are swapped, at the side that the country code says."""
    what += " off the land, and would not with latitude and longitude swapped"
    c = table.columns
    country, right = countries.fits(codes_of(table), c.lat_deg, c.lon_deg)
    if right:
        what += f": the rows of {table.file} lie in {country}, as their country code says, so the land has "
        fix = "Write the land with longitude first, as GeoJSON demands (RFC 7946, 3.1.1)."
        return DataError.at(table.land_file or table.file, f"{what}them swapped.", fix)
    place = (int(c.line[row]), 1)
    if right is None:
        what, fix = (
            f"{what} in the table or in the land.",
            "Swap them where latitude is not what it should be.",
        )
        return DataError.at(table.file, what, fix, *place)
    what = f"{what}: by their country code the rows are of {country}."
    return DataError.at(table.file, what, "Swap them in the table.", *place)


def match_operators(table: Rows, spec: NetworkSpec) -> dict[str, int]:
    """The scenario's operator of each code or name in the table; others are dropped and noted."""
    counts = codes_of(table)
    serves_all = counts.total() < len(table)
    wanted = {}
    for number, operator in enumerate(spec.operators):
        wanted[operator.name.casefold()] = number
        if operator.mcc_mnc:
            wanted[_plain(operator.mcc_mnc)] = number
    owner = {}
    for code in sorted(counts):
        name = table.names.get(code, "").casefold()
        number = wanted.get(_plain(code), wanted.get(code.casefold(), wanted.get(name, -1)))
        if number >= 0:
            owner[code] = number
    codes = sorted(counts, key=lambda code: (-counts[code], code))
    if not owner and not any(o.mcc_mnc for o in spec.operators):
        by_share = sorted(range(len(spec.operators)), key=lambda i: -spec.operators[i].share)
        owner = dict(zip(codes, by_share, strict=False))
        for code, number in owner.items():
            table.notes.append(
                f"Operator {spec.operators[number].name} is {_called(table, code)} of the table "
                "(the most cells, the largest share)."
            )
    without = [o.name for i, o in enumerate(spec.operators) if i not in owner.values() and not serves_all]
    if without:
        there = ", ".join(f"{_called(table, code)} ({count_of(counts[code], 'rows')})" for code in codes[:20])
        what = f"no row is of operator {', '.join(without)}; the table has {there}."
        fix = "Give network.operators the codes (mcc_mnc) or names of these."
        raise DataError.at(table.file, what, fix)
    for code in codes:
        if code not in owner:
            rows = count_of(counts[code], "rows")
            table.notes.append(f"Dropped: {rows} of {_called(table, code)}, no operator of the scenario.")
    return owner


def codes_of(table: Rows) -> Counter[str]:
    """Rows by their operator's code; rows of every operator are not counted."""
    rows = np.bincount(table.columns.code, minlength=len(table.codes)).tolist()
    return Counter({code: n for code, n in zip(table.codes, rows, strict=True) if code and n})


def _plain(text: str) -> str:
    """A network code in its one form, 429-01; other text as it is."""
    mcc, dash, mnc = text.partition("-")
    return f"{int(mcc):03d}-{int(mnc):02d}" if dash and mcc.isdecimal() and mnc.isdecimal() else text


def _called(table: Rows, code: str) -> str:
    name = table.names.get(code)
    return f"{code} {name}" if name else code
