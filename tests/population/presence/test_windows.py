"""Camping as a ragged list says what asking at every moment says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim.population.people import Camping, Handsets
from ewsim.population.presence.windows import presence_of

CELLS, END = 4, 100


rows = st.lists(
    st.lists(st.integers(0, CELLS - 1), unique=True, max_size=3).map(lambda r: (r + [-1] * 3)[:3]),
    min_size=1,
    max_size=5,
)
outages = st.lists(st.tuples(st.integers(0, CELLS - 1), st.integers(0, END), st.integers(1, 30)), max_size=8)


def separate(raw: list[tuple[int, int, int]]) -> np.ndarray:
    """Windows of one cell may touch (one cause ends, the next begins) but not overlap."""
    kept: list[tuple[int, int, int, int]] = []
    for cell, start, length in sorted(raw):
        if not any(k[0] == cell and k[2] > start for k in kept):
            kept.append((cell, start, start + length, 0))
    return np.array(sorted(kept), dtype=np.int64).reshape(-1, 4)


@settings(max_examples=150, deadline=None)  # the first call compiles
@given(rows=rows, raw=outages, data=st.data())
def test_presence_answers_as_asking_every_moment(rows, raw, data) -> None:
    """Each phone moves up to three times, to one of the later rows or back to its first."""
    n = len(rows)
    later = data.draw(st.lists(st.permutations(range(CELLS)), min_size=1, max_size=4))
    moves = [
        sorted(
            data.draw(
                st.lists(
                    st.tuples(st.integers(-5, END + 5), st.integers(-1, len(later) - 1)),
                    max_size=3,
                    unique_by=lambda move: move[0],
                )
            )
        )
        for _ in range(n)
    ]
    down = separate(raw)
    camping = Camping(
        cell=np.array(rows, np.int32),
        level_db=np.tile(np.arange(3, dtype=np.float32), (n, 1)),
        move_first=np.cumsum([0, *map(len, moves)]),
        move_us=np.array([at for own in moves for at, _ in own], dtype=np.int64),
        move_row=np.array([row for own in moves for _, row in own], dtype=np.int32),
        later_cell=np.array([r[:3] for r in later], np.int32),
        later_level_db=np.tile(np.arange(10, 13, dtype=np.float32), (len(later), 1)),
        lack=np.zeros(n, np.int8),
        later_lack=np.zeros(len(later), np.int8),
    )
    handsets = Handsets(*(np.zeros(n, kind) for kind in (int, int, int, bool, bool, int, int, int)))
    got = presence_of(camping, handsets, down, CELLS, 0, END)

    def up(cell: int, t: int) -> bool:
        return not any(w[0] == cell and w[1] <= t < w[2] for w in down)

    for h in range(n):
        for t in range(END + 1):
            now = [row for at, row in moves[h] if at <= t][-1:]
            row = camping.later_cell[now[0]] if now and now[0] >= 0 else camping.cell[h]
            assert camping.preferred(np.array([h]), t) == row[0]
            wanted = next((c for c in row.tolist() if c >= 0 and up(c, t)), -1)
            said = [
                got.cell[i]
                for i in range(got.first[h], got.first[h + 1])
                if got.from_us[i] <= t < got.to_us[i]
            ]
            assert said == ([wanted] if wanted >= 0 else [])
        stays = list(range(got.first[h], got.first[h + 1]))
        for a, b in pairwise(stays):
            assert got.to_us[a] <= got.from_us[b]
            # A stay is never cut in two while nothing changes for the phone.
            moved = any(got.from_us[a] < at <= got.from_us[b] for at, _ in moves[h])
            if got.to_us[a] == got.from_us[b] and not moved:
                assert got.cell[a] != got.cell[b]
