"""What the infrastructure did: the events table, aggregated, and the state of cells over time."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ewsim.kinds import outages

#: A cell serves from then on: it is back, or a deployable that has arrived.
_BACK = ("restored", "deployed")


def timeline(events: pd.DataFrame) -> pd.DataFrame:
    """Events by what happened and to whom, in the order in which each began.

    Columns: element, kind, operator, count, first_s, median_s, last_s.
    """
    keys = ["element", "kind", "operator"]
    if events.empty:
        return pd.DataFrame(columns=[*keys, "count", "first_s", "median_s", "last_s"])
    grouped = events.groupby(keys, sort=False, observed=True)["time_s"]
    table = grouped.agg(["size", "min", "median", "max"]).reset_index()
    table.columns = pd.Index([*keys, "count", "first_s", "median_s", "last_s"])
    return table.sort_values(["first_s", "last_s"], kind="stable").reset_index(drop=True)


def outage_roots(events: pd.DataFrame) -> pd.DataFrame:
    """What failed first on the way of cells that went out of service; most cells first.

    Columns: root (what failed, and where), first_s (since when), sites, cells (that it took), inject (the
    id of the disturbance behind it).
    """
    found = outages()
    rows = events[(events["element"] == "cell") & events["kind"].astype(str).isin(list(found))]
    parts = rows["detail"].astype(str).str.extract(r"^(?P<root>.*) since (?P<first_s>-?\d+) s$")
    taken = parts.assign(
        first_s=parts["first_s"].astype(float),
        site=rows["site_id"],
        cell=rows["cell_id"],
        inject=rows["inject"],
    )
    table = taken.groupby("root", sort=False).agg(
        first_s=("first_s", "min"),
        sites=("site", "nunique"),
        cells=("cell", "nunique"),
        inject=("inject", "first"),
    )
    return table.sort_values(["cells", "first_s"], ascending=[False, True], kind="stable").reset_index()


def fuel_burnt(events: pd.DataFrame) -> dict[str, int] | None:
    """Litres of fuel that generators burnt, and kilograms of CO2; None where none ran."""
    said = events.loc[events["kind"] == "fuel_burnt", "detail"].astype(str)
    found = said.str.extract(r"^(?P<litres>\d+) l, (?P<co2_kg>\d+) kg CO2$")
    return {name: int(found[name].iloc[-1]) for name in ("litres", "co2_kg")} if len(found) else None


def cell_changes(events: pd.DataFrame) -> pd.DataFrame:
    """Every change of a cell's state, in order of time.

    Columns: time_s, cell_id, serves, on_air (any message; the state from then on).
    """
    kinds = events["kind"].astype(str)
    rows = events[
        (events["element"] == "cell") & kinds.isin([*outages(), "away", *_BACK, "on_air", "off_air"])
    ]
    down_kinds = {*outages(), "away"}
    state: dict[int, tuple[bool, bool]] = {}
    sending: dict[int, set[str]] = {}
    changes = []
    columns = (rows[c].tolist() for c in ("time_s", "kind", "cell_id", "message"))
    for time_s, kind, cell, message in zip(*columns, strict=True):
        before, messages = state.get(cell, (True, False)), sending.setdefault(cell, set())
        if kind in down_kinds:
            messages.clear()
        elif kind == "on_air":
            messages.add(message)
        elif kind == "off_air":
            messages.discard(message)
        serves = kind not in down_kinds and (kind in _BACK or before[0])
        after = (serves, bool(messages))
        if after != before:
            state[cell] = after
            changes.append((float(time_s), int(cell), *after))
    return pd.DataFrame(changes, columns=["time_s", "cell_id", "serves", "on_air"])


def cells_at(
    changes: pd.DataFrame, cell_count: int, time_s: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which cells serve, and which are on air, at a moment; changes at that moment count.

    Parameters
    ----------
    changes
        The table that `cell_changes` gives.
    cell_count
        Number of cells of the network.
    time_s
        The moment, from the decision to warn [s].
    """
    serves, on_air = np.ones(cell_count, dtype=np.bool_), np.zeros(cell_count, dtype=np.bool_)
    until = changes[changes["time_s"] <= time_s].drop_duplicates("cell_id", keep="last")
    cell = until["cell_id"].to_numpy(np.int64)
    serves[cell] = until["serves"].to_numpy(np.bool_)
    on_air[cell] = until["on_air"].to_numpy(np.bool_)
    return serves, on_air


def cell_counts(
    changes: pd.DataFrame, cell_count: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Cells that serve, and cells on air, from each moment [s] on.

    The first moment is the decision to warn, or the first change where that is earlier.
    """
    first = changes.drop_duplicates("cell_id", keep="first").index
    before = changes.groupby("cell_id")[["serves", "on_air"]].shift()
    steps = pd.DataFrame({"time_s": changes["time_s"]})
    for name, initially in (("serves", True), ("on_air", False)):
        old = before[name].astype(object)
        old.loc[first] = initially
        steps[name] = changes[name].astype(np.int64) - old.astype(np.int64)
    summed = steps.groupby("time_s")[["serves", "on_air"]].sum().cumsum()
    start_s = min(0.0, float(changes["time_s"].min()) if len(changes) else 0.0)
    times = np.concatenate([[start_s], summed.index.to_numpy(np.float64)])
    serving = np.concatenate([[0], summed["serves"].to_numpy(np.int64)]) + cell_count
    on_air = np.concatenate([[0], summed["on_air"].to_numpy(np.int64)])
    return times, serving, on_air


def silenced(events: pd.DataFrame, site_of_cell: NDArray[np.int64]) -> pd.DataFrame:
    """Sites that each disturbance took off the air whole, in the order in which the disturbances began.

    Columns: inject (its id), began_s, last_s (when the last of the sites fell silent), sites (their numbers),
    back (how many of them have a cell in service at the end).
    """
    kinds = events["kind"].astype(str)
    rows = events[(events["element"] == "cell") & kinds.isin([*outages(), "restored"])]
    cell = rows["cell_id"].to_numpy(np.int64)
    changes = pd.DataFrame({"inject": rows["inject"].astype(str), "at_s": rows["time_s"], "cell": cell})
    changes["site"], changes["serves"] = site_of_cell[cell], kinds[rows.index] == "restored"
    serving = changes.drop_duplicates("cell", keep="last").groupby("site")["serves"].any()
    begun = events[events["element"].isin(["disturbance", "hazard"])].drop_duplicates("inject")
    began_s = dict(zip(begun["inject"].astype(str), begun["time_s"].astype(float), strict=True))
    down = changes[~changes["serves"]]
    whole = np.bincount(site_of_cell, minlength=1)
    table = []
    for inject, taken in down.groupby("inject", sort=False):
        of = taken.groupby("site").agg(cells=("cell", "nunique"), last_s=("at_s", "max"))
        of = of[of["cells"].to_numpy() == whole[of.index.to_numpy(np.int64)]]
        first_s = min(began_s.get(str(inject), np.inf), float(taken["at_s"].min()))
        if len(of):
            sites = of.index.to_numpy(np.int64)
            table.append(
                (inject, first_s, float(of["last_s"].max()), sites, int(serving.reindex(sites).sum()))
            )
    found = pd.DataFrame(table, columns=["inject", "began_s", "last_s", "sites", "back"])
    return found.sort_values("began_s", kind="stable").reset_index(drop=True)
