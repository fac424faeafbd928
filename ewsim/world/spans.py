"""Spans of time in which something was so at a thing: a cell down, a site without the grid."""

from array import array

import numpy as np
from numpy.typing import NDArray


class Spans:
    """Spans by the number of a thing, at most one open for each."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[int, int]] = {}
        self._closed = array("q")  # number, from, to, label, of one after the other
        self._rows: dict[int, NDArray[np.int64]] = {}  # what `rows` gave since the last change

    def begin(self, number: int, at_us: int, label: int = 0) -> None:
        """A span begins.

        Parameters
        ----------
        number
            The number of the thing.
        at_us
            When [us].
        label
            What is so.
        """
        self._open[number] = (at_us, label)
        self._rows.clear()

    def end(self, number: int, at_us: int) -> None:
        """The open span of a thing ends at a moment [us]; it may have none."""
        if number in self._open:
            since, label = self._open.pop(number)
            self._closed.extend((number, since, at_us, label))
            self._rows.clear()

    def rows(self, end_us: int) -> NDArray[np.int64]:
        """Every span: rows (number, from, to, label), sorted; those still open end at `end_us` [us]."""
        if end_us not in self._rows:
            still = [(number, since, end_us, label) for number, (since, label) in self._open.items()]
            closed = np.array(self._closed, dtype=np.int64).reshape(-1, 4)
            rows = np.concatenate([closed, np.array(still, dtype=np.int64).reshape(-1, 4)])
            rows = rows[rows[:, 2] > rows[:, 1]]
            self._rows[end_us] = rows[np.lexsort(rows.T[::-1])]
        return self._rows[end_us]

    def merged(self, end_us: int) -> NDArray[np.int64]:
        """Rows (number, from, to), sorted, with those that touch as one; open ones end at `end_us` [us]."""
        merged: list[tuple[int, int, int]] = []
        for number, begins, ends, _ in self.rows(end_us).tolist():
            if merged and merged[-1][0] == number and begins <= merged[-1][2]:
                begins, ends = merged[-1][1], max(ends, merged.pop()[2])
            merged.append((number, begins, ends))
        return np.array(merged, dtype=np.int64).reshape(-1, 3)
