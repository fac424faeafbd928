"""Tables of cells and sites, read as a stream into arrays.

A row that cannot be used is dropped and reported with its line; nothing is repaired.
"""

import math
from collections import Counter
from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ewsim.errors import count_of
from ewsim.geography import table
from ewsim.geography.faults import Faults
from ewsim.geography.plane import FloatArray
from ewsim.network.tables import duplicates, formats, identities
from ewsim.network.tables.formats import (
    BACKHAUL,
    CELL_COLUMNS,
    FIELDS,
    LIMITS,
    OCTETS_MAX,
    POWER,
    RANGE_MAX_M,
    SITE_COLUMNS,
    TYPES,
    Columns,
    Rows,
)

_CHUNK = 50_000
_NUMBERS = (
    "height_m",
    "azimuth_deg",
    "frequency_mhz",
    "eirp_dbm",
    "range_m",
    "tracking_area",
    "battery_s",
    "generator_s",
)
_WHOLE = ("mcc", "mnc", "lac", "cid")
_LARGEST = 2.0**53  # larger whole numbers are not exact, and no identity


def read_rows(path: Path) -> Rows:
    """Every row of a table.

    Raises
    ------
    DataError
        Every fault of the table, with its place.
    """
    found = scan(path)
    if found.faults:
        raise found.faults.error()
    return found


def scan(path: Path) -> Rows:
    """Rows of a table that can be used, and every fault of the others.

    Read as a stream: a row takes about 125 octets of memory, whatever it says.

    Raises
    ------
    DataError
        Nothing can be used: there is no table, header, column or row.
    """
    faults = Faults(str(path))
    lines = table.rows(path, faults, OCTETS_MAX)
    first_line, first = next(lines)  # there is one, or the table is refused
    positions = formats.positions(first)
    body: Iterable[tuple[int, list[str]]] = chain([(first_line, first)], lines) if positions else lines
    header = positions or [name.strip().casefold() for name in first]
    columns = formats.columns_of(header)
    of_cells = "cid" in columns and not ("site_id" in columns and "mcc" not in columns)
    table.missing(
        [c if c in columns else h for c, h in formats.named(columns, header)],
        CELL_COLUMNS if of_cells else SITE_COLUMNS,
        first_line,
        faults,
    )
    if not positions:
        table.twice(header, formats.KNOWN, first_line, faults)
        formats.one_place(header, first_line, faults)
    if faults:
        raise faults.error()
    reader = _RowReader(str(path), of_cells, columns, len(header), faults)
    rest = iter(body)
    while part := list(islice(rest, _CHUNK)):
        reader.take(part)
    if not faults and not reader.count:
        raise faults.fail(first_line, 1, "the table has no rows.", "Give it one row a cell or site.")
    done = reader.done(header=not positions)
    done.notes += formats.unread(header)
    done.crowd_sourced = of_cells and not formats.CROWD.isdisjoint(header)
    if not faults and not len(done):
        why = "; ".join(f"{count_of(n, 'rows')} {reason}" for reason, n in done.left_out.items() if n)
        raise faults.fail(first_line, 1, f"no row can be used; left out: {why}.", "Give it other rows.")
    return done


class _RowReader:
    def __init__(
        self, file: str, of_cells: bool, columns: dict[str, int], width: int, faults: Faults
    ) -> None:
        self.file, self.of_cells, self.columns, self.width = file, of_cells, columns, width
        self.faults, self.odd = faults, Faults(file)
        self.count = 0
        self.left_out: Counter[str] = Counter()
        self.parts: list[Columns] = []
        self.elsewhere: list[FloatArray] = []
        self.sites: dict[str, int] = {}
        self.codes: dict[str, int] = {}
        self.names: dict[str, str] = {}
        self.rats: dict[str, int] = {}

    def take(self, part: list[tuple[int, list[str]]]) -> None:
        """Take some rows in, and note their faults."""
        self.count += len(part)
        wrong = [(line, row) for line, row in part if len(row) != self.width]
        if wrong:
            for number, row in wrong:
                table.wrong_length(number, row, self.width, self.faults)
            part = [(line, row) for line, row in part if len(row) == self.width]
        if not part:
            return
        part, rats = self._of_known_radio(part)
        if not part:
            return
        line = np.array([number for number, _ in part], dtype=np.int64)
        text = {name: [row[at].strip() for _, row in part] for name, at in self.columns.items()}
        good = rats >= 0
        lat, lon = self._positions(line, text, good)
        values = {name: self._numbers(line, name, text, good) for name in _NUMBERS}
        whole = {name: self._whole(line, name, text, good) for name in _WHOLE}
        site = np.full(line.size, -1)
        if self.of_cells:
            code = self._codes_of_cells(whole, text)
        else:
            names = text.get("operator") or [""] * line.size
            code = np.array([self.codes.setdefault(n, len(self.codes)) for n in names])
            site = np.array([self.sites.setdefault(s, len(self.sites)) for s in text["site_id"]])
            for at in self._wrong(np.array([not s for s in text["site_id"]]), good):
                what = "the site has no site_id."
                self.faults.add(int(line[at]), self._at("site_id"), what, "Name it.")
        zero = good & (lat == 0) & (lon == 0)
        for at in np.flatnonzero(zero).tolist():
            self.odd.add(
                int(line[at]),
                self._at("lat"),
                "0,0 is a placeholder, not a site position.",
                "Find its position; the row is left out.",
                "warning",
            )
        self.left_out["at 0,0"] += int(zero.sum())
        self._odd_ranges(line, values["range_m"], good)
        fine = good & ~zero
        good &= ~zero
        if self.of_cells:
            self._no_cells(line, good, identities.impossible(rats, whole["lac"], whole["cid"]), text)
        self.elsewhere.append(np.column_stack([lat, lon])[fine & ~good])
        values["height_m"] = np.where(values["height_m"] > 0, values["height_m"], np.nan)
        found: dict[str, NDArray[Any]] = {
            "line": line,
            "site": site,
            "code": code,
            "rats": np.maximum(rats, 0),
            "lac": whole["lac"],
            "cid": whole["cid"],
            "lat_deg": lat,
            "lon_deg": lon,
            "backhaul": self._words(BACKHAUL, "backhaul", text, line.size),
            "power": self._words(POWER, "power", text, line.size),
            **values,
        }
        self.parts.append(Columns(*(found[n].astype(TYPES.get(n, np.float64))[good] for n in FIELDS)))

    def done(self, *, header: bool) -> Rows:
        """Everything that was taken in, with duplicates removed."""
        if self.parts:
            columns = Columns(*(np.concatenate([getattr(p, name) for p in self.parts]) for name in FIELDS))
        else:
            columns = Columns(*(np.empty(0, dtype=TYPES.get(n, np.float64)) for n in FIELDS))
        self.parts = []
        kind = "cells" if self.of_cells else "sites"
        notes = [f"{count_of(self.count, f'rows of {kind} were')} read from the network's table."]
        rows = Rows(
            self.file,
            self.of_cells,
            columns,
            tuple(self.sites),
            tuple(self.codes),
            self.names,
            notes,
            self.faults,
            self.odd,
            self.count,
            header,
            self.left_out,
            np.concatenate([np.empty((0, 2)), *self.elsewhere]),
        )
        rows.columns = columns.of(duplicates.mark(rows, self.columns))
        if self.of_cells:
            duplicates.drop_again(rows, self.columns)
        for why, count in sorted(self.left_out.items()):
            if count:
                notes.append(f"{count_of(count, 'rows')} {why} {'was' if count == 1 else 'were'} left out.")
        return rows

    def _at(self, name: str) -> int:
        return self.columns[name] + 1

    def _wrong(self, wrong: NDArray[np.bool_], good: NDArray[np.bool_]) -> list[int]:
        """Rows that are wrong, to be reported one by one; marks them."""
        good &= ~wrong
        rows: list[int] = np.flatnonzero(wrong).tolist()
        return rows

    def _positions(
        self, line: NDArray[np.int64], text: dict[str, list[str]], good: NDArray[np.bool_]
    ) -> tuple[FloatArray, FloatArray]:
        lat, lon = table.numbers(text["lat"]), table.numbers(text["lon"])
        for name, value, limit in (("lat", lat, 90), ("lon", lon, 180)):
            for at in self._wrong(~(np.abs(value) <= limit), good):
                said = text[name][at]
                if math.isfinite(value[at]):
                    what = f"{name} {said!r} is not between -{limit} and {limit}."
                    fix = formats.looks_like(float(lat[at]), float(lon[at]))
                else:
                    what = f"{name} {table.why_no_number(said)}."
                    fix = "Write degrees with a point, e.g. 18.4655."
                self.faults.add(int(line[at]), self._at(name), what, fix)
        return lat, lon

    def _numbers(
        self, line: NDArray[np.int64], name: str, text: dict[str, list[str]], good: NDArray[np.bool_]
    ) -> FloatArray:
        if name not in text:
            return np.full(line.size, np.nan)
        value = table.numbers(text[name])
        if name not in LIMITS:
            return value
        low, high = LIMITS[name]
        given = np.array([bool(t) for t in text[name]])
        for at in self._wrong(given & ~((value >= low) & (value <= high)), good):
            self._no_number(line, name, text, at, f"between {low} and {high}")
        return value

    def _whole(
        self, line: NDArray[np.int64], name: str, text: dict[str, list[str]], good: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        if not self.of_cells:
            return np.zeros(line.size, dtype=np.int64)
        value, (low, high) = table.numbers(text[name]), LIMITS[name]
        fine = (value >= low) & (value <= high) & (value == np.floor(value))
        if "e" in "".join(text[name]).casefold():
            fine &= np.array(["e" not in said.casefold() for said in text[name]])
        for at in self._wrong(~fine, good):
            self._no_number(line, name, text, at, f"a whole number between {low} and {high}")
        return np.where(fine, np.minimum(value, _LARGEST), 0).astype(np.int64)

    def _no_number(
        self, line: NDArray[np.int64], name: str, text: dict[str, list[str]], at: int, wanted: str
    ) -> None:
        said = text[name][at]
        what, fix = f"{name} {table.why_no_number(said)}.", "Write a number, or leave it empty."
        if math.isfinite(table.number(said)):
            what = f"{name} {said!r} is not {wanted}."
            if name in _WHOLE and "e" in said.casefold():
                what, fix = f"{name} {said!r} was rounded by a spreadsheet.", "Export it with all its digits."
        self.faults.add(int(line[at]), self._at(name), what, fix)

    def _odd_ranges(self, line: NDArray[np.int64], range_m: FloatArray, good: NDArray[np.bool_]) -> None:
        odd = good & ((range_m < 0) | (range_m > RANGE_MAX_M))
        for at in np.flatnonzero(odd).tolist():
            what = f"range {range_m[at]:g} m is outside 0 to {RANGE_MAX_M:,.0f} m."
            fix = "Write metres; ewsim does not use it."
            self.odd.add(int(line[at]), self._at("range_m"), what, fix, "warning")

    def _of_known_radio(
        self, part: list[tuple[int, list[str]]]
    ) -> tuple[list[tuple[int, list[str]]], NDArray[np.int64]]:
        """Rows without those of another technology, and bits of their technologies.

        0 is for a technology that is not stated, -2 for a word that is none. A row of another technology is
        left out before its other columns are judged: CDMA has a system identity as `mnc`, for example.
        """
        if "radio" not in self.columns:
            return part, np.zeros(len(part), dtype=np.int64)
        at = self.columns["radio"]
        words = [row[at].strip() for _, row in part]
        for word in set(words) - self.rats.keys():
            self.rats[word] = formats.rat_bits(word)
        bits = np.array([self.rats[word] for word in words])
        for row in np.flatnonzero(bits == -2).tolist():
            what, fix = f"{words[row]!r} is not a technology.", "Write 2G, 3G, 4G, 5G, or leave empty."
            self.faults.add(part[row][0], self._at("radio"), what, fix)
        other = np.flatnonzero(bits == -1).tolist()
        if not other:
            return part, bits
        for row in other:
            self.left_out[f"of technology {words[row]}"] += 1
        position = [[part[row][1][self.columns[name]].strip() for row in other] for name in ("lat", "lon")]
        lat, lon = (table.numbers(texts) for texts in position)
        there = (np.abs(lat) <= 90) & (np.abs(lon) <= 180) & ((lat != 0) | (lon != 0))
        self.elsewhere.append(np.column_stack([lat, lon])[there])
        kept = np.flatnonzero(bits != -1)
        return [part[row] for row in kept.tolist()], bits[kept]

    def _no_cells(
        self,
        line: NDArray[np.int64],
        good: NDArray[np.bool_],
        wrong: Iterable[identities.NoCells],
        text: dict[str, list[str]],
    ) -> None:
        """Leave out rows with an identity that no cell has, each for the first reason."""
        for name, why, rows in wrong:
            found = good & rows
            good &= ~found
            self.left_out[f"with {why}"] += int(found.sum())
            for at in np.flatnonzero(found).tolist():
                what = f"{name} {text[name][at]:.40} is {why}."
                self.odd.add(int(line[at]), self._at(name), what, "The row is left out.", "warning")

    def _codes_of_cells(
        self, whole: dict[str, NDArray[np.int64]], text: dict[str, list[str]]
    ) -> NDArray[np.int64]:
        plain = whole["mcc"] * 1000 + whole["mnc"]
        unique, first, at = np.unique(plain, return_index=True, return_inverse=True)
        number = []
        for value, row in zip(unique.tolist(), first.tolist(), strict=True):
            code = f"{value // 1000:03d}-{value % 1000:02d}"
            number.append(self.codes.setdefault(code, len(self.codes)))
            self.names.setdefault(code, text["operator"][row] if "operator" in text else "")
        return np.asarray(np.array(number)[at.ravel()], dtype=np.int64)

    def _words(
        self, known: dict[str, str], name: str, text: dict[str, list[str]], count: int
    ) -> NDArray[np.int64]:
        if name not in text:
            return np.full(count, -1)
        place = {word: sorted(set(known.values())).index(to) for word, to in known.items()}
        return np.array([place.get(word.casefold(), -1) for word in text[name]])
