"""A clean copy of a table of cells or sites, in the columns of ITU's site tables.

There is one row for each cell. What the first table does not state stays empty, except for what
tells the cells of one mast apart: the mast (`ict_id`), the technology and, where several cells of a
mast are the same, directions in even steps. Three columns are added to ITU's: `tracking_area`,
`battery_s` and `generator_s`.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ewsim.errors import count_of
from ewsim.files import spreadsheet_text
from ewsim.geography.plane import FloatArray
from ewsim.network.tables import standalone
from ewsim.network.tables.formats import BACKHAUL, ITU_COLUMNS, POWER
from ewsim.network.tables.reader import scan
from ewsim.network.topology import Network
from ewsim.units import RATS


@dataclass(frozen=True, slots=True)
class Converted:
    """The text of the table, and notes on what was dropped and assumed."""

    text: str
    network: Network
    notes: tuple[str, ...]
    dropped_count: int


def convert(
    path: Path, land: Path | None = None, *, strict: bool = False, max_offshore_m: float = 30_000.0
) -> Converted:
    """The clean table of a table.

    Parameters
    ----------
    path
        The table.
    land
        Coastline; rows further than `max_offshore_m` off it are dropped.
    strict
        Refuse a table with rows that cannot be used, instead of dropping them with a note.
    max_offshore_m
        Distance off the land [m].

    Raises
    ------
    DataError
        Nothing can be used, or `strict`.
    """
    table = scan(path)
    if strict and table.faults:
        raise table.faults.error()
    notes = []
    wrong = len(table.faults.found) + table.faults.more
    if wrong:
        notes.append(f"{count_of(wrong, 'faults')}; the rows were dropped. ewsim network check lists all.")
    read = table.count
    if not len(table):
        raise table.faults.error()
    network, row = standalone.open_table(table, land, max_offshore_m=max_offshore_m)
    rows = table.columns.of(row)
    cells, sites = network.cells, network.sites
    lat, lon = network.frame.to_latlon(sites.x_m, sites.y_m)
    backhaul, power = (sorted(set(words.values())) for words in (BACKHAUL, POWER))
    site, names = cells.site.tolist(), np.array(("", *table.sites), dtype=np.object_)
    codes = rows.lac if table.of_cells else np.nan_to_num(rows.tracking_area, nan=-1)
    areas = codes.astype(np.int64) if (codes >= 0).all() else cells.tracking_area
    unstated = not table.of_cells and np.isnan(rows.tracking_area).any()
    operator = [table.codes[code] for code in rows.code.tolist()]
    if table.of_cells:
        operator = [table.names.get(code) or code for code in operator]
    found = {
        "ict_id": [sites.name[at] for at in site],
        "source_ict_id": names[rows.site + 1].tolist(),
        "source_cell_id": cells.name if table.of_cells else "",
        "lat": [f"{degrees:.7f}" for degrees in lat[site].tolist()],
        "lon": [f"{degrees:.7f}" for degrees in lon[site].tolist()],
        "operator_name": operator,
        "radio_type": [RATS[rat] for rat in cells.rat.tolist()],
        "downlink_frequency_mhz": _plain(rows.frequency_mhz),
        "eirp_dbm": _plain(rows.eirp_dbm),
        "antenna_height": _plain(rows.height_m),
        "azimuth_degrees": _plain(cells.azimuth_deg),
        "backhaul_type": [backhaul[kind] if kind >= 0 else "" for kind in rows.backhaul.tolist()],
        "power_source": [power[kind] if kind >= 0 else "" for kind in rows.power.tolist()],
        "tracking_area": "" if unstated else areas,
        "battery_s": _plain(rows.battery_s),
        "generator_s": _plain(rows.generator_s),
    }
    written = pd.DataFrame(found).reindex(columns=ITU_COLUMNS, fill_value="")
    named = written[["ict_id", "source_ict_id", "operator_name"]]
    safe = named.map(spreadsheet_text)
    formulas = int((safe != named).to_numpy().sum())
    text = written.assign(**safe).to_csv(index=False, lineterminator="\n")
    used = np.unique(row).size
    notes += [note for note in network.notes if "assumed" not in note or "Directions" in note]
    if formulas:
        notes.append(
            f"{count_of(formulas, 'names look')} like a spreadsheet formula: an apostrophe was put before it."
        )
    notes.append(f"{read - used:,} of {read:,} rows were dropped.")
    return Converted(text, network, tuple(notes), read - used)


def _plain(values: FloatArray) -> list[str]:
    return ["" if math.isnan(value) else f"{value:.10g}" for value in values.tolist()]
