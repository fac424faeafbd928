"""Cells, base stations and areas as the lists of each protocol name them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from ewsim.wire.protocols import cbsp

_Values: TypeAlias = list[dict[str, Any]]
#: The test network (TS 23.003), which every example is in: MCC 001, MNC 01.
TEST_PLMN: Final = b"\x00\xf1\x10"


class WireCell(NamedTuple):
    """A cell as lists name it: its number, its site's (base station's), its tracking area's."""

    number: int
    site: int
    tracking_area: int
    plmn: bytes = TEST_PLMN

    @property
    def ecgi(self) -> dict[str, Any]:
        """In 4G: 20 bits of base station, 8 of cell."""
        return {"plmn": self.plmn, "cell": (self.site & 0xFFFFF) << 8 | self.number & 0xFF}

    @property
    def ncgi(self) -> dict[str, Any]:
        """In 5G: here 24 bits of base station, 12 of cell."""
        return {"plmn": self.plmn, "cell": (self.site & 0xFFFFFF) << 12 | self.number & 0xFFF}

    def tai(self, octets: int) -> dict[str, Any]:
        """Its tracking area; its code has 2 octets in 4G and 3 in 5G."""
        return {"plmn": self.plmn, "tac": (self.tracking_area + 1 & 0xFFFF).to_bytes(octets, "big")}

    @property
    def sai(self) -> dict[str, Any]:
        """In 3G: a service area."""
        lac = self.tracking_area + 1 & 0xFFFF
        return {"plmn": self.plmn, "lac": lac.to_bytes(2, "big"), "sac": self._short}

    @property
    def cgi(self) -> bytes:
        """In 2G: location area and cell identity."""
        return cbsp.lac_ci(self.tracking_area + 1, int.from_bytes(self._short, "big"))

    def listed(self, said: int = 0) -> cbsp.Cell:
        """The cell in a list of CBSP, with what is said of it."""
        return cbsp.Cell(cbsp.LAC_CI, self.cgi, said)

    @property
    def _short(self) -> bytes:
        return (self.site << 4 & 0xFFF0 | self.number & 0xF).to_bytes(2, "big")

    @property
    def enb(self) -> dict[str, Any]:
        """Its base station in 4G."""
        return {"plmn": self.plmn, "node": ("macro", self.site & 0xFFFFF)}

    @property
    def gnb(self) -> tuple[str, dict[str, Any]]:
        """Its base station in 5G."""
        return "gnb", {"plmn": self.plmn, "node": ("gnb", (self.site & 0xFFFFFF, 24))}


def wire_cells(table: Any) -> list[WireCell]:
    """Each row of a table of cells, as lists name it; networks are 001-01 and on."""
    columns = [list(table[name]) for name in ("site_id", "operator", "rat", "tracking_area")]
    sites = {name: n for n, name in enumerate(dict.fromkeys(columns[0]), 1)}
    operators = {name: n for n, name in enumerate(dict.fromkeys(columns[1]), 1)}
    count: dict[tuple[str, str, str], int] = defaultdict(int)
    made = []
    for site, operator, rat, area in zip(*columns, strict=True):
        count[site, operator, rat] += 1
        tens, ones = divmod(operators[operator] % 100, 10)
        plmn = bytes((0x00, 0xF1, ones << 4 | tens))
        made.append(WireCell(count[site, operator, rat], sites[site], int(area), plmn))
    return made


def cell_list(cells: Sequence[WireCell], said_of_each: int = 0) -> tuple[cbsp.Cell, ...]:
    """Cells as CBSP lists them, the same said of each."""
    return tuple(cell.listed(said_of_each) for cell in cells)


def tracking_areas(cells: Sequence[WireCell], octets: int) -> _Values:
    """The tracking areas of cells, each once, with codes of so many octets."""
    each = {(cell.plmn, cell.tracking_area): cell for cell in cells}
    return [cell.tai(octets) for cell in each.values()]


def lte_area(cells: Sequence[WireCell], *, by_area: bool = False) -> tuple[str, _Values]:
    """The warning area of 4G: cells, or their tracking areas."""
    return _area([cell.ecgi for cell in cells], cells, 2 * by_area)


def nr_area(cells: Sequence[WireCell], *, by_area: bool = False) -> tuple[str, _Values]:
    """The warning area of 5G: cells, or their tracking areas."""
    return _area([cell.ncgi for cell in cells], cells, 3 * by_area)


def _area(own: list[dict[str, Any]], cells: Sequence[WireCell], octets: int) -> tuple[str, _Values]:
    """A warning area list: of cells, or of tracking areas with codes of so many octets."""
    return ("tracking_areas", tracking_areas(cells, octets)) if octets else ("cells", own)
