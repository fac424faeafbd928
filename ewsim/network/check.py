"""What is wrong or odd in a table of cells or sites: errors, warnings, and what is good to know.

An error is a row (or a table) that cannot be used; a warning a row that is left out or looks wrong;
an info what a reader should know before trusting the table. Nothing is changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError, Diagnostic, Severity
from ewsim.geo import LocalFrame
from ewsim.network.country import middle
from ewsim.network.formats import Rows
from ewsim.network.identities import codes_of, infer_rats, keep_near
from ewsim.network.land import read_land
from ewsim.network.reader import scan
from ewsim.network.table import Faults
from ewsim.units import RATS

#: Without a coastline: rows this many times further from the middle than nine tenths of the rows
#: are, and at least 100 km, are told as outliers.
OUTLIER, OUTLIER_M = 4.0, 100_000.0


@dataclass(slots=True)
class Checked:
    """Findings of one table, and what it holds.

    `operators` are rows by code, `cells` by technology, told or inferred.
    """

    file: str
    findings: list[Diagnostic] = field(default_factory=list)
    row_count: int = 0
    used_count: int = 0
    operators: dict[str, int] = field(default_factory=dict)
    cells: dict[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether anything is an error."""
        return any(one.severity == "error" for one in self.findings)


def check(path: Path, land: Path | None = None, max_offshore_m: float = 30_000.0) -> Checked:
    """Check a table, against a coastline if there is one.

    Raises
    ------
    DataError
        The coastline cannot be read.
    """
    done = Checked(str(path))
    try:
        table = scan(path)
    except DataError as error:
        done.findings = list(error.diagnostics)
        return done
    done.row_count = table.count
    faults = [table.faults, table.odd]
    notes = _good_to_know(path, table)
    if len(table):
        frame = LocalFrame.around(*middle(table.columns.lat_deg, table.columns.lon_deg))
        if land is not None:
            faults += _off_the_land(table, read_land(land, frame), frame, max_offshore_m)
        else:
            faults.append(_outliers(table, frame))
        done.operators = dict(codes_of(table))
        infer_rats(table)
        bits = table.columns.rats
        done.cells = {name: int(((bits >> rat) & 1).sum()) for rat, name in enumerate(RATS)}
    done.used_count = len(table)
    done.findings = [one for fault in faults if fault for one in fault.told()]
    notes += table.notes[1:]
    done.findings += [Diagnostic(str(path), 0, 0, note, "", "info") for note in notes]
    order: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}
    done.findings.sort(key=lambda d: order[d.severity])
    return done


def _off_the_land(
    table: Rows, shore: BaseGeometry, frame: LocalFrame, max_offshore_m: float
) -> list[Faults]:
    """Rows abroad, and rows in the sea; those abroad are left out from here on."""
    swapped, abroad, sea = (Faults(table.file) for _ in range(3))
    c = table.columns
    shapely.prepare(shore)
    points = shapely.points(*frame.to_xy(c.lat_deg, c.lon_deg))
    away = np.asarray(shapely.distance(shore, points))
    try:
        keep_near(table, max_offshore_m, frame, shore)
    except DataError as error:
        swapped.found += error.diagnostics
        return [swapped]
    for at in np.flatnonzero(away > max_offshore_m).tolist():
        what = f"the row lies {away[at] / 1000:,.0f} km off the land."
        abroad.add(int(c.line[at]), 1, what, "It is left out.", "warning")
    for at in np.flatnonzero((away > 0) & (away <= max_offshore_m)).tolist():
        what = f"the row lies {away[at] / 1000:,.1f} km off the land, in the sea or abroad."
        fix = "Check its position; a coarse outline explains a few kilometres."
        sea.add(int(c.line[at]), 1, what, fix, "warning")
    return [abroad, sea]


def _outliers(table: Rows, frame: LocalFrame) -> Faults:
    found = Faults(table.file)
    c = table.columns
    away = np.hypot(*frame.to_xy(c.lat_deg, c.lon_deg))
    limit = max(OUTLIER * float(np.quantile(away, 0.9)), OUTLIER_M)
    for at in np.flatnonzero(away > limit).tolist():
        what = f"the row lies {away[at] / 1000:,.0f} km from the middle of the table."
        fix = "Give --land to leave out what is abroad."
        found.add(int(c.line[at]), 1, what, fix, "warning")
    return found


def _good_to_know(path: Path, table: Rows) -> list[str]:
    notes = []
    with path.open("rb") as file:
        if file.read(3) == b"\xef\xbb\xbf":
            notes.append("It begins with a byte order mark, which is not read.")
    if not table.header:
        notes.append("It has no header line; the columns were told by the first row.")
    c = table.columns
    if table.of_cells and len(c):
        _, size = np.unique(np.column_stack([c.lat_deg, c.lon_deg]), axis=0, return_counts=True)
        again = int(size.sum() - size.size)
        if again:
            notes.append(
                f"{again:,} rows repeat the coordinates of another row: one mast, or none."
            )
        countries = sorted({code.split("-")[0] for code in codes_of(table)})
        if len(countries) > 1:
            notes.append(f"There are several country codes: {', '.join(countries)}.")
    return notes
