"""Erlang's formulas for telephone traffic: how often a call is blocked, how often it waits.

References
----------
.. [1] A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in
   automatic telephone exchanges", Post Office Electrical Engineers' Journal 10 (1917), 189-197.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def erlang_b(load_erlang: float, servers: int) -> float:
    """Probability that all servers are busy and a call is lost [1]_.

    Parameters
    ----------
    load_erlang
        Offered traffic: arrivals a second times the mean holding time [erlang].
    """
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load_erlang * blocked / (n + load_erlang * blocked)
    return blocked


def erlang_c(load_erlang: float, servers: int) -> float:
    """Probability that a call waits, where calls queue [1]_; 1 where the load is too much."""
    if load_erlang >= servers:
        return 1.0
    blocked = erlang_b(load_erlang, servers)
    return servers * blocked / (servers - load_erlang * (1.0 - blocked))


def blocking_beside(load_erlang: NDArray[np.float64], servers: int) -> NDArray[np.float64]:
    """Probability that calls hold all servers that 0, 1, ... `servers` messages leave them.

    A row for each load. Exact while calls are in balance: given m messages, calls are a truncated
    Poisson number on the rest, so a message meets Erlang B of the whole load on the average over m
    (product form).
    """
    blocked = np.ones((load_erlang.size, servers + 1))
    for n in range(1, servers + 1):
        held = load_erlang * blocked[:, n - 1]
        blocked[:, n] = held / (n + held)
    return np.ascontiguousarray(blocked[:, ::-1])
