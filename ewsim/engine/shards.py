"""One run, a shard of people at a time: the infrastructure runs once, its schedule is given to each.

What the infrastructure does depends on nobody, so every process that delivers to shards may run it
and has the same schedule. Queues over everybody (`channels.base.Queueing`) come between two passes: the
first says who waits, the second delivers. Events that count people add up over the shards.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ewsim.channels.base import Channel, Crowd, Queueing
from ewsim.channels.cell_broadcast.false import FalseBroadcast
from ewsim.engine import deceit
from ewsim.engine.simulation import Run, Setup, gather, grid_windows, of_this_run, started
from ewsim.ledger import ChannelOutcome
from ewsim.streams import Streams
from ewsim.world import Counted, EventRow, World, collector_waits

#: Events of one shard, or of all: while people camp, then by channel in their order.
Noted = list[list[EventRow]]


@dataclass(frozen=True, slots=True)
class Schedule:
    """What the infrastructure left: the world as it ended, and channels that deliver from it."""

    world: World
    channels: Sequence[Channel]
    streams: Streams
    false: Sequence[FalseBroadcast]
    grid_out: NDArray[np.int64] | None
    took_s: float
    noted: int

    @classmethod
    def of(cls, setup: Setup, channels: Sequence[Channel], streams: Streams) -> Schedule:
        """Run the infrastructure.

        Parameters
        ----------
        setup
            What it needs; its people do not matter.
        channels
            New ones for this run.
        streams
            The random numbers of this replication.
        """
        began = time.perf_counter()
        with collector_waits():
            out = (
                None
                if setup.phones is None or setup.phones.battery_life_s is None
                else grid_windows(setup, streams)
            )
            world = started(setup, channels, streams)
            world.run()
        return cls(world, channels, streams, setup.false, out, time.perf_counter() - began, len(world.events))

    def waiting(self, setup: Setup) -> tuple[dict[str, Any], float]:
        """What the queues must know of a shard, by channel, and how long it took [s]."""
        began = time.perf_counter()
        crowd, *_ = self._crowd(setup)
        queues = {channel.name: channel for channel in self.channels if isinstance(channel, Queueing)}
        found = {name: channel.waiting(self.world, crowd) for name, channel in queues.items()}
        self._noted()
        return found, time.perf_counter() - began

    def serve(
        self, parts: Sequence[Mapping[str, Any]]
    ) -> tuple[list[dict[str, Any]], dict[str, list[EventRow]]]:
        """What the queues did for each shard, and what was written down, both by channel."""
        served: list[dict[str, Any]] = [{} for _ in parts]
        noted = {}
        for channel in self.channels:
            if isinstance(channel, Queueing):
                done = channel.serve(self.world, [part[channel.name] for part in parts])
                for theirs, one in zip(served, done, strict=True):
                    theirs[channel.name] = one
                noted[channel.name] = self._noted()
        return served, noted

    def deliver(self, setup: Setup, served: Mapping[str, Any]) -> tuple[Run, Noted]:
        """A shard's run, and its events: while people camp, then of each channel."""
        timing: dict[str, float] = {}
        clock = time.perf_counter()

        def lap(phase: str) -> None:
            nonlocal clock
            now = time.perf_counter()
            timing[phase], clock = now - clock, now

        crowd, held, shown = self._crowd(setup)
        noted = [self._noted()]
        lap("presence")
        outcomes: dict[str, ChannelOutcome] = {}
        for channel in self.channels:
            if isinstance(channel, Queueing):
                outcomes[channel.name] = channel.deliver_served(self.world, crowd, served[channel.name])
            else:
                outcomes[channel.name] = channel.deliver(self.world, crowd)
            noted.append(self._noted())
            lap(channel.name)
        deceit.explain(outcomes, held)
        deceived = deceit.deceived(self.false, self.world, crowd, shown)
        return Run(self.world, crowd, outcomes, timing, deceived), noted

    def events(self, shards: Iterable[Noted], queues: Mapping[str, list[EventRow]]) -> list[EventRow]:
        """All events of the run, in the order in which one run writes them down."""
        names = ["", *(channel.name for channel in self.channels)]
        every = [
            queues.get(name, added(parts))
            for name, parts in zip(names, zip(*shards, strict=True), strict=True)
        ]
        return [*self.world.events, *(row for rows in every for row in rows)]

    def _crowd(self, setup: Setup) -> tuple[Crowd, NDArray[np.bool_], dict[str, NDArray[np.int64]]]:
        with_phones = of_this_run(setup, self.streams, self.grid_out)
        return deceit.captured(self.world, gather(with_phones, self.world))

    def _noted(self) -> list[EventRow]:
        """What was written down since the clock stopped; it is taken away."""
        rows = self.world.events[self.noted :]
        del self.world.events[self.noted :]
        return rows


def added(parts: Sequence[Sequence[EventRow]]) -> list[EventRow]:
    """Events that each shard wrote down for itself, as one: counts in them add up."""
    rows = list(parts[0])
    for part in parts[1:]:
        for at, (row, other) in enumerate(zip(rows, part, strict=True)):
            if isinstance(row[7], Counted) and isinstance(other[7], Counted):
                rows[at] = (*row[:7], row[7].plus(other[7]), row[8])
    return rows
