"""What is wrong or odd in a table of cells or sites: errors, warnings, and what is good to know.

An error is a row (or a table) that cannot be used; a warning a row that is left out or looks wrong;
an info what a reader should know before trusting the table. Nothing is changed.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from shapely.geometry.base import BaseGeometry

from ewsim.errors import DataError, Diagnostic, Severity, count_of
from ewsim.geography.faults import Faults
from ewsim.geography.land import land_notes, read_land
from ewsim.geography.plane import FloatArray, LocalFrame
from ewsim.network.tables.formats import Rows
from ewsim.network.tables.identities import codes_of, infer_rats, keep_near, off_the_land
from ewsim.network.tables.reader import scan
from ewsim.network.tables.standalone import drop_outliers, middle
from ewsim.units import RATS

#: Rows off the land are counted beyond these distances [m] and beyond what is abroad; 500 m is the
#: least that crowds' tables give as a row's accuracy.
STEPS_M = (0.0, 500.0, 50_000.0)


@dataclass(slots=True)
class Checked:
    """Findings of one table, and what it holds.

    `operators` are rows by code, those abroad among them, `cells` by technology, stated or inferred;
    `off_land` rows further off the land than a distance [m]; `repeat_count` rows at the coordinates of
    another.
    """

    file: str
    findings: list[Diagnostic] = field(default_factory=list)
    row_count: int = 0
    used_count: int = 0
    operators: dict[str, int] = field(default_factory=dict)
    cells: dict[str, int] = field(default_factory=dict)
    off_land: dict[float, int] = field(default_factory=dict)
    repeat_count: int = 0

    @property
    def failed(self) -> bool:
        """Whether anything is an error."""
        return any(one.severity == "error" for one in self.findings)


def check_table(path: Path, land: Path | None = None, max_offshore_m: float = 30_000.0) -> Checked:
    """Check a table, against a coastline if there is one.

    Parameters
    ----------
    path
        The table.
    land
        Coastline; None: rows far from the others are warnings.
    max_offshore_m
        Rows further off the land are left out [m].

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
    done.repeat_count = _repeats(table)
    notes = _good_to_know(path, table, done.repeat_count)
    done.operators = dict(codes_of(table))
    if len(table):
        frame = LocalFrame.around(*middle(table.columns.lat_deg, table.columns.lon_deg))
        if land is not None:
            shore, table.land_file = read_land(land, frame), str(land)
            notes += land_notes(land, frame)
            away = off_the_land(table, frame, shore)
            steps = sorted({*STEPS_M, max_offshore_m})
            done.off_land = {step: int((away > step).sum()) for step in steps}
            notes += _notes_off_the_land(done.off_land, max_offshore_m)
            faults += _off_the_land(table, away, shore, frame, max_offshore_m, notes)
        else:
            faults.append(_outliers(table))
        infer_rats(table)
        bits = table.columns.rats
        done.cells = {name: int(((bits >> rat) & 1).sum()) for rat, name in enumerate(RATS)}
    done.used_count = len(table)
    done.findings = [one for fault in faults if fault for one in fault.listed()]
    notes += table.notes[1:]
    done.findings += [Diagnostic(str(path), 0, 0, note, "", "info") for note in notes]
    order: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}
    done.findings.sort(key=lambda d: order[d.severity])
    return done


def _notes_off_the_land(off_land: dict[float, int], max_offshore_m: float) -> list[str]:
    if not off_land[0.0]:
        return []
    parts = [
        f"{n:,} by more than {step / 1000:g} km" + " (left out)" * (step == max_offshore_m)
        for step, n in off_land.items()
        if step and n
    ]
    return [f"{count_of(off_land[0.0], 'rows lie')} off the land{': ' if parts else ''}{', '.join(parts)}."]


def _off_the_land(
    table: Rows,
    away: FloatArray,
    shore: BaseGeometry,
    frame: LocalFrame,
    max_offshore_m: float,
    notes: list[str],
) -> list[Faults]:
    """Rows abroad, and rows in the sea; those abroad are left out from here on.

    A row that its own accuracy could put on the land is counted only, in the notes.
    """
    swapped, abroad, sea = (Faults(table.file) for _ in range(3))
    c = table.columns
    try:
        keep_near(table, max_offshore_m, frame, shore)
    except DataError as error:
        swapped.found += error.diagnostics
        return [swapped]
    for at in np.flatnonzero(away > max_offshore_m).tolist():
        what = f"the row lies {away[at] / 1000:,.0f} km off the land."
        abroad.add(int(c.line[at]), 1, what, "It is left out.", "warning")
    near = (away > 0) & (away <= max_offshore_m)
    explained = near & (away <= np.nan_to_num(c.range_m))
    if explained.any():
        notes.append(
            f"Of {count_of(int(near.sum()), 'rows')} off the land that stay, {explained.sum():,} could stand "
            "on it by their own accuracy."
        )
    for at in np.flatnonzero(near & ~explained).tolist():
        what = f"the row lies {away[at] / 1000:,.1f} km off the land, in the sea or abroad."
        fix = "Check its position; a coarse outline explains a few kilometres."
        sea.add(int(c.line[at]), 1, what, fix, "warning")
    return [abroad, sea]


def _outliers(table: Rows) -> Faults:
    found = Faults(table.file)
    c = table.columns
    try:
        away, far = drop_outliers(table)
    except DataError as error:
        found.found += error.diagnostics
        return found
    for at in np.flatnonzero(far).tolist():
        what = f"the row lies {away[at] / 1000:,.0f} km from the middle of the table."
        fix = "It is left out; with --land rows are held against the coastline."
        found.add(int(c.line[at]), 1, what, fix, "warning")
    return found


def _repeats(table: Rows) -> int:
    """Rows of cells at the coordinates of another row, those that are left out among them."""
    if not table.of_cells:
        return 0
    positions = np.column_stack([table.columns.lat_deg, table.columns.lon_deg])
    every = np.concatenate([positions, table.left_out_deg])
    return len(every) - len(np.unique(every, axis=0))


def _good_to_know(path: Path, table: Rows, repeats: int) -> list[str]:
    notes = []
    with path.open("rb") as file:
        if file.read(3) == b"\xef\xbb\xbf":
            notes.append("It begins with a byte order mark, which is not read.")
    if not table.header:
        notes.append("It has no header line; the columns follow from its first row.")
    if repeats:
        notes.append(f"{count_of(repeats, 'rows repeat')} the coordinates of another row: one mast, or none.")
    if table.of_cells and len(table):
        countries = sorted({code.split("-")[0] for code in codes_of(table)})
        if len(countries) > 1:
            notes.append(f"There are several country codes: {', '.join(countries)}.")
    return notes
