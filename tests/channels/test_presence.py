"""Camping as a ragged list says what asking at every moment says."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim.channels.presence import presence
from ewsim.population.people import Camping, Handsets, People
from ewsim.units import NEVER

CELLS, END = 4, 100


def handsets_and_people(moves_us: list[int]) -> tuple[Handsets, People]:
    n = len(moves_us)
    zero, ids = np.zeros(n, dtype=np.int8), np.arange(n, dtype=np.int32)
    place = np.zeros(n)
    people = People(
        weight=np.ones(n, np.int32), x_m=place, y_m=place, later_x_m=place, later_y_m=place,
        moves_us=np.array(moves_us, dtype=np.int64), indoors=np.zeros(n, bool), age_band=zero,
        sex=zero, disability=zero, settlement=zero, language=zero, zone=ids, handset=ids,
        languages=("en",), zone_names=("z",),
    )  # fmt: skip
    handsets = Handsets(
        owner=ids, operator=np.zeros(n, np.int16), rats=np.full(n, 15, np.uint8),
        smartphone=np.ones(n, bool), cb_capable=np.ones(n, bool),
        channels=np.full(n, 255, np.uint16), on_from_us=np.full(n, -NEVER),
        on_to_us=np.full(n, NEVER),
    )  # fmt: skip
    return handsets, people


rows = st.lists(
    st.lists(st.integers(0, CELLS - 1), unique=True, max_size=3).map(lambda r: (r + [-1] * 3)[:3]),
    min_size=1,
    max_size=5,
)
outages = st.lists(
    st.tuples(st.integers(0, CELLS - 1), st.integers(0, END), st.integers(1, 30)), max_size=8
)


def separate(raw: list[tuple[int, int, int]]) -> np.ndarray:
    """Windows of one cell may touch (one cause ends, the next begins) but not overlap."""
    kept: list[tuple[int, int, int, int]] = []
    for cell, start, length in sorted(raw):
        if not any(k[0] == cell and k[2] > start for k in kept):
            kept.append((cell, start, start + length, 0))
    return np.array(sorted(kept), dtype=np.int64).reshape(-1, 4)


@settings(max_examples=300)
@given(rows=rows, raw=outages, move=st.integers(-5, END + 5), data=st.data())
def test_presence_answers_as_asking_every_moment(rows, raw, move, data) -> None:
    n = len(rows)
    moving = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    later = data.draw(
        st.lists(
            st.permutations(range(CELLS)),
            min_size=max(1, sum(moving)),
            max_size=max(1, sum(moving)),
        )
    )
    down = separate(raw)
    moved_row = np.full(n, -1, np.int32)
    moved_row[np.flatnonzero(moving)] = np.arange(sum(moving))
    camping = Camping(
        cell=np.array(rows, np.int32),
        level_db=np.tile(np.arange(3, dtype=np.float32), (n, 1)),
        moved_row=moved_row,
        later_cell=np.array([r[:3] for r in later], np.int32),
        later_level_db=np.tile(np.arange(10, 13, dtype=np.float32), (len(later), 1)),
    )
    handsets, people = handsets_and_people([move if m else NEVER for m in moving])
    got = presence(handsets, people, camping, down, CELLS, 0, END)

    def up(cell: int, t: int) -> bool:
        return not any(w[0] == cell and w[1] <= t < w[2] for w in down)

    for h in range(n):
        for t in range(END + 1):
            row = camping.later_cell[moved_row[h]] if moving[h] and t >= move else camping.cell[h]
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
            same_row = (got.from_us[b] < move) == (got.from_us[a] < move) or not moving[h]
            if got.to_us[a] == got.from_us[b] and same_row:
                assert got.cell[a] != got.cell[b]
