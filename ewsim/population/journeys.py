"""Journeys of people during the run: short lists of moves, one after the other in two arrays.

Only those who move take room, however often: a person's moves stand side by side in the order of
time, and point at stops. Whoever comes back to where they first were needs no stop for it.

Assumption: a journey takes no time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ewsim.geography.plane import FloatArray

#: In place of a stop: where the person first was.
BACK = -1


@dataclass(frozen=True, slots=True)
class Moves:
    """Moves in no order: person `who` is from `at_us` on at a stop, a row of `x_m`, `y_m`."""

    who: NDArray[np.int64]
    at_us: NDArray[np.int64]
    stop: NDArray[np.int32]
    x_m: FloatArray
    y_m: FloatArray

    @classmethod
    def away(
        cls, who: NDArray[np.int64], at_us: NDArray[np.int64], x_m: FloatArray, y_m: FloatArray
    ) -> Moves:
        """One move of each to a stop of their own.

        Parameters
        ----------
        who
            The people, shape (moves,).
        at_us
            When each moves [us], shape (moves,).
        x_m, y_m
            Where to [m], shape (moves,).
        """
        return cls(who, at_us, np.arange(who.size, dtype=np.int32), x_m, y_m)


@dataclass(frozen=True, slots=True)
class Journeys:
    """All moves of all people, those of a person in the order of time.

    Moves `first[p]` to `first[p + 1]` are person p's: from `at_us` on they are at `stop`, a row of
    `x_m`, `y_m` [m], or `BACK` where they first were.
    """

    first: NDArray[np.int64]
    at_us: NDArray[np.int64]
    stop: NDArray[np.int32]
    x_m: FloatArray
    y_m: FloatArray

    @classmethod
    def of(cls, people_count: int, moves: Sequence[Moves] = ()) -> Journeys:
        """The moves in order; of moves at one moment the last counts."""
        none = np.empty(0, dtype=np.int64)
        who = np.concatenate([none, *(part.who for part in moves)])
        at_us = np.concatenate([none, *(part.at_us for part in moves)])
        begin = np.cumsum([0, *(part.x_m.size for part in moves)])
        stop = np.concatenate(
            [none] + [np.where(m.stop < 0, BACK, m.stop + b) for m, b in zip(moves, begin, strict=False)]
        ).astype(np.int32)
        order = np.lexsort((at_us, who))
        first = np.zeros(people_count + 1, dtype=np.int64)
        np.cumsum(np.bincount(who, minlength=people_count), out=first[1:])
        return cls(
            first,
            at_us[order],
            stop[order],
            np.concatenate([np.empty(0), *(part.x_m for part in moves)]),
            np.concatenate([np.empty(0), *(part.y_m for part in moves)]),
        )

    @property
    def moves(self) -> Moves:
        """All of them, with the person of each."""
        return Moves(self.who, self.at_us, self.stop, self.x_m, self.y_m)

    @property
    def who(self) -> NDArray[np.int64]:
        """The person of each move."""
        return np.repeat(np.arange(self.first.size - 1), np.diff(self.first))

    def with_moves(self, moves: Moves, instead_after_us: int | None = None) -> Journeys:
        """These and more; of those who get more, moves after a moment (None: all) are dropped."""
        every = self.moves
        gone = np.zeros(self.first.size - 1, dtype=np.bool_)
        gone[moves.who] = True
        dropped = gone[every.who]
        if instead_after_us is not None:
            dropped &= self.at_us > instead_after_us
        kept = replace(every, who=every.who[~dropped], at_us=self.at_us[~dropped], stop=self.stop[~dropped])
        return Journeys.of(self.first.size - 1, [kept, moves])

    def taken(self, like: NDArray[np.int64]) -> Journeys:
        """Journeys of as many people as `like` has rows, each those of the person it names."""
        first, move = ranges(self.first, like)
        return replace(self, first=first, at_us=self.at_us[move], stop=self.stop[move])


def ranges(
    first: NDArray[np.int64], like: NDArray[np.integer]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The ragged lists of some rows, one after the other: where each begins, and its elements."""
    size = first[like + 1] - first[like]
    begin = np.zeros(like.size + 1, dtype=np.int64)
    np.cumsum(size, out=begin[1:])
    return begin, np.arange(begin[-1]) + np.repeat(first[like] - begin[:-1], size)


def last_move(
    first: NDArray[np.int64], at_us: NDArray[np.int64], who: NDArray[np.integer], moment_us: ArrayLike
) -> NDArray[np.int64]:
    """The last move of each of `who` up to and including its moment; -1: none by then.

    Parameters
    ----------
    first
        The first move of each person, shape (people + 1,).
    at_us
        When each move is [us], shape (moves,).
    who
        People, shape (some,).
    moment_us
        The moment of each [us], shape (some,), or one for all.
    """
    moment = np.broadcast_to(np.asarray(moment_us, dtype=np.int64), who.shape)
    last = np.full(who.size, -1, dtype=np.int64)
    some = np.flatnonzero(first[who + 1] > first[who])
    move, end = first[who[some]], first[who[some] + 1]
    while some.size:
        by_then = at_us[move] <= moment[some]
        some, move, end = some[by_then], move[by_then], end[by_then]
        last[some] = move
        further = move + 1 < end
        some, move, end = some[further], move[further] + 1, end[further]
    return last
