"""The squares of a connectivity map on disk: a table of squares, and their grid in `run.json`."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ewsim.metrics.protection.signal import SignalSquares
from ewsim.result import folder

#: The table: square, people, and the cells heard there as a list.
SQUARES_FILE = "squares.parquet"
_GRID = {f.name: float if f.type in (float, "float") else int for f in fields(SignalSquares)[:7]}
#: A grid with more squares, sea included, is no grid of ours.
_MOST = 100_000_000


def grid_document(squares: SignalSquares) -> dict[str, float]:
    """The grid as `run.json` has it."""
    return {name: getattr(squares, name) for name in _GRID}


def squares_frame(squares: SignalSquares) -> pd.DataFrame:
    """The squares as a table."""
    cells = [part.astype(np.int32) for part in np.split(squares.cell, squares.first[1:-1])]
    return pd.DataFrame({"square": squares.number, "people": squares.people, "cells": cells})


def squares_of(path: Path, grid: Mapping[str, Any] | None, cell_count: int) -> SignalSquares | None:
    """The squares of a folder; None where nothing failed, and in results of earlier versions.

    Parameters
    ----------
    path
        The folder.
    grid
        What `grid_document` gave.
    cell_count
        How many cells there are, which squares may name.

    Raises
    ------
    ValueError
        They make no sense.
    """
    if grid is None:
        return None
    table = folder.read_parquet(path / SQUARES_FILE)
    given: dict[str, Any] = {name: kind(grid[name]) for name, kind in _GRID.items()}
    number = table["square"].to_numpy(np.int64)
    people = table["people"].to_numpy(np.int64)
    heard = [np.asarray(cells, dtype=np.int64) for cells in table["cells"]]
    cell = np.concatenate([np.zeros(0, dtype=np.int64), *heard])
    size = given["rows"] * given["columns"]
    if not (0 < size <= _MOST and given["step_m"] > 0 and (np.diff(number) > 0).all()):
        raise ValueError(f"{SQUARES_FILE} has squares out of order")
    if number.size and not (number[0] >= 0 and number[-1] < size and (people >= 0).all()):
        raise ValueError(f"{SQUARES_FILE} has squares off its grid")
    if cell.size and not (cell.min() >= 0 and cell.max() < cell_count):
        raise ValueError(f"{SQUARES_FILE} names cells that cells.csv does not have")
    first = np.cumsum([0, *(len(cells) for cells in heard)])
    return SignalSquares(**given, number=number, people=people, first=first, cell=cell)
