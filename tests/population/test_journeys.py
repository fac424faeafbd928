"""Lists of moves in flat arrays say what a list for each person says."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ewsim.population.journeys import BACK, Journeys, Moves, last_move

PEOPLE, END = 5, 50
times = st.integers(-5, END)
moves = st.lists(st.tuples(st.integers(0, PEOPLE - 1), times, st.booleans()), max_size=12)


def flat(some, begin):
    """Moves as the arrays take them; each stop that is no way back is a place of its own."""
    stop, x = [], []
    for number, (_, _, back) in enumerate(some):
        stop.append(BACK if back else len(x))
        x += [] if back else [float(begin + number)]
    who, at = ([move[k] for move in some] for k in (0, 1))
    place = np.array(x, dtype=float)
    return Moves(
        np.array(who, dtype=np.int64),
        np.array(at, dtype=np.int64),
        np.array(stop, dtype=np.int32),
        place,
        -place,
    )


def plain(some, begin):
    """By person (when, place or BACK), in the order of time; of one moment the last counts."""
    lists = [[] for _ in range(PEOPLE)]
    for number, (who, at, back) in enumerate(some):
        lists[who].append((at, BACK if back else float(begin + number)))
    return [sorted(own, key=lambda move: move[0]) for own in lists]


def as_lists(journeys):
    out = []
    for p in range(PEOPLE):
        rows = range(journeys.first[p], journeys.first[p + 1])
        stops = [(int(journeys.at_us[r]), int(journeys.stop[r])) for r in rows]
        out.append([(at, BACK if s < 0 else float(journeys.x_m[s])) for at, s in stops])
    return out


@settings(max_examples=200)
@given(one=moves, two=moves, more=moves, after=st.one_of(st.none(), times), data=st.data())
def test_journeys_are_the_moves_of_each_in_the_order_of_time(one, two, more, after, data):
    made = Journeys.of(PEOPLE, [flat(one, 0), flat(two, 100)])
    lists = [sorted(a + b, key=lambda m: m[0]) for a, b in zip(plain(one, 0), plain(two, 100), strict=True)]
    assert as_lists(made) == lists

    like = np.array(data.draw(st.lists(st.integers(0, PEOPLE - 1), min_size=5, max_size=5)))
    assert as_lists(made.taken(like)) == [lists[p] for p in like]

    who = np.repeat(np.arange(PEOPLE), END)
    moment = np.tile(np.arange(END), PEOPLE)
    found = last_move(made.first, made.at_us, who, moment)
    for p, t, move in zip(who, moment, found, strict=True):
        by_then = [m for m in lists[p] if m[0] <= t]
        assert (move < 0) == (not by_then)
        assert move < 0 or move - made.first[p] == len(by_then) - 1

    added = plain(more, 200)
    for p, own in enumerate(added):
        if own:
            kept = [] if after is None else [m for m in lists[p] if m[0] <= after]
            lists[p] = sorted(kept + own, key=lambda m: m[0])
    assert as_lists(made.with_moves(flat(more, 200), after)) == lists
