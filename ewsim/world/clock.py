"""The clock of a world: SimPy's, for hundreds of thousands of processes that wait at once."""

import gc
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import simpy
from simpy.events import NORMAL, URGENT, Event, EventPriority


class WorldClock(simpy.Environment):  # type: ignore[misc]
    """SimPy's environment; what is due at once does not go through the heap of what waits.

    Every cell on air waits there for its end, so each step through the heap takes longer the more cells
    there are; but most events (a process begins, ends, is interrupted) are due at once, and those are in
    order as they come. The order of all events is SimPy's own.
    """

    def __init__(self, initial_time: int = 0) -> None:
        super().__init__(initial_time)
        self._at_once: dict[EventPriority, deque[Any]] = {URGENT: deque(), NORMAL: deque()}
        self._urgent, self._normal = self._at_once.values()

    def schedule(self, event: Event, priority: EventPriority = NORMAL, delay: float = 0) -> None:
        """Put an event into its place.

        Parameters
        ----------
        event
            The event.
        priority
            Which goes first of events at the same moment.
        delay
            From now [us].
        """
        if delay == 0 and priority in self._at_once:
            self._at_once[priority].append((self._now, priority, next(self._eid), event))
        else:
            super().schedule(event, priority, delay)

    def peek(self) -> float:
        """When the next event is due [us]; infinity where there is none."""
        return float(self._now if self._urgent or self._normal else super().peek())

    def step(self) -> None:
        """Process the next event."""
        at_once, waiting = self._urgent or self._normal, self._queue
        if not at_once or (waiting and waiting[0] < at_once[0]):
            super().step()
            return
        # as SimPy does it; nobody else waits for an event of ours that stops the clock
        event = at_once.popleft()[3]
        callbacks, event.callbacks = event.callbacks, None
        for callback in callbacks:
            callback(event)
        if not event._ok and not hasattr(event, "_defused"):  # noqa: SLF001 - SimPy's own
            raise event._value  # noqa: SLF001


@contextmanager
def collector_waits() -> Iterator[None]:
    """Let the garbage collector wait meanwhile.

    It would look through all processes, events and windows again and again, the more often the more cells
    there are: half of the time with 10,000 cells. They live until the end anyway.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
