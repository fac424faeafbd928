"""Which cells a list of a protocol names."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ewsim.wire.places import WireCell, wire_cells
from ewsim.wire.protocols import cbsp

_CGI, _LAC_CI, _CI, _LAI, _LAC, _ALL = 0, 1, 2, 4, 5, 6
_OF: Final = {"CBSP": "2G", "SABP": "3G", "SBc-AP": "4G"}


class Named(NamedTuple):
    """The cells that a list names, shape (cells,), and its entries that name none."""

    cells: NDArray[np.int64]
    unknown: list[Any]


class Directory:
    """The cells of a network by their names in each protocol.

    Parameters
    ----------
    table
        The table of cells, one row a cell.
    only
        Names cells of these tracking areas only, as where a network has several peers; empty: all.
    """

    def __init__(self, table: Any, only: Collection[int] = ()) -> None:
        self.cells: list[WireCell] = wire_cells(table)
        mine = [not only or cell.tracking_area in only for cell in self.cells]
        rats = [rat if here else "" for rat, here in zip(table["rat"], mine, strict=True)]
        self.by_protocol = {p: [n for n, rat in enumerate(rats) if rat == g] for p, g in _OF.items()}
        self.new_radio: dict[int, list[int]] = defaultdict(list)  # 5G cells by site
        for n, rat in enumerate(rats):
            if rat == "5G":
                self.new_radio[self.cells[n].site].append(n)
        self._names: dict[tuple[str, int, bytes], list[int]] = defaultdict(list)
        for n in self.by_protocol["CBSP"]:
            cell = self.cells[n]
            lac, ci = cell.cgi[:2], cell.cgi[2:]
            kinds = {_CGI: cell.plmn + cell.cgi, _LAC_CI: cell.cgi, _CI: ci, _LAI: cell.plmn + lac, _LAC: lac}
            for kind, name in {**kinds, _ALL: b""}.items():
                self._names["CBSP", kind, name].append(n)
        for n in self.by_protocol["SABP"]:
            self._names["SABP", 0, _key(self.cells[n].sai)].append(n)
        for n in self.by_protocol["SBc-AP"]:
            self._names["SBc-AP", 0, _key(self.cells[n].ecgi)].append(n)
            self._names["SBc-AP", 1, _key(self.cells[n].tai(2))].append(n)

    def cbsp(self, cells: Iterable[cbsp.Cell]) -> Named:
        """The 2G cells of a cell list."""
        return self._named((cell, ("CBSP", cell.kind, cell.octets)) for cell in cells)

    def sabp(self, areas: Iterable[dict[str, Any]]) -> Named:
        """The 3G cells of a list of service areas."""
        return self._named((area, ("SABP", 0, _key(area))) for area in areas)

    def lte_cells(self, cells: Iterable[dict[str, Any]]) -> Named:
        """The 4G cells of a list of cell identities."""
        return self._named((cell, ("SBc-AP", 0, _key(cell))) for cell in cells)

    def lte_areas(self, areas: Iterable[dict[str, Any]]) -> Named:
        """The 4G cells of a list of tracking areas."""
        return self._named((area, ("SBc-AP", 1, _key(area))) for area in areas)

    def _named(self, entries: Iterable[tuple[Any, tuple[str, int, bytes]]]) -> Named:
        found: dict[int, None] = {}
        unknown = []
        for entry, key in entries:
            here = self._names.get(key)
            if here is None:
                unknown.append(entry)
            else:
                found.update(dict.fromkeys(here))
        return Named(np.array(sorted(found), dtype=np.int64), unknown)


def _key(name: Mapping[str, Any]) -> bytes:
    """A name as octets, without its extensions."""
    values = (name[part] for part in ("plmn", "lac", "sac", "tac", "cell") if part in name)
    return b"".join(v if isinstance(v, bytes) else v.to_bytes(8, "big") for v in values)


def listing(table: Any) -> Any:
    """A table of cells with what lists call them: numbers for people who set up a centre.

    2G: location area and cell identity. 3G: location area and service area. 4G and 5G: tracking area
    and cell identity, of which the base station is a part.
    """
    cells = wire_cells(table)
    rats = list(table["rat"])
    made = table[["cell_id", "site_id", "operator", "rat", "lat", "lon", "targeted"]].copy()
    made.insert(4, "mcc_mnc", [_digits(cell.plmn) for cell in cells])
    made.insert(5, "area", [cell.tracking_area + 1 & 0xFFFF for cell in cells])
    made.insert(6, "cell", [_identity(cell, rat) for cell, rat in zip(cells, rats, strict=True)])
    return made


def _digits(plmn: bytes) -> str:
    """MCC and MNC of the networks of simulated cells: 001-01 and on."""
    return f"00{plmn[1] & 0xF}-{plmn[2] & 0xF}{plmn[2] >> 4}"


def _identity(cell: WireCell, rat: str) -> int:
    if rat in ("2G", "3G"):
        return int.from_bytes(cell.cgi[2:], "big")
    named: dict[str, Any] = cell.ecgi if rat == "4G" else cell.ncgi
    return int(named["cell"])
