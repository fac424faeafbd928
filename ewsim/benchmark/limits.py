"""What the machine allows: its clock, what its memory moves, and how many bytes a pass must move.

References
----------
.. [#marsaglia] G. Marsaglia, "Xorshift RNGs", Journal of Statistical Software 8 (2003) 14,
   doi:10.18637/jss.v008.i14.
.. [#stream] J. D. McCalpin, "Memory bandwidth and machine balance in current high performance computers",
   IEEE TCCA Newsletter (1995): the copy of STREAM.
"""

import time
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from ewsim.kernels import kernel

#: Of a copied array each byte is read and written.
_COPY_TRAFFIC = 2
_COPY_MB = 256
#: Steps of a chain of which each waits for the one before: three shifts and three exclusive ors.
_STEPS = 20_000_000
_CYCLES_A_STEP = 6
_PASSES = 5


def clock_hz() -> float:
    """Cycles of the processor a second, from a chain of operations that wait for each other [1/s].

    Assumption: a shift and an exclusive or of registers take one cycle each, as on every current x86 and
    ARM core. The chain is the generator xorshift64 [#marsaglia]_, which no compiler shortens.
    """
    _chain(np.uint64(1), 10)
    best = min(_timed(lambda: _chain(np.uint64(1), _STEPS)) for _ in range(_PASSES))
    return _STEPS * _CYCLES_A_STEP / best


@kernel
def _chain(value: Any, steps: int) -> Any:
    for _ in range(steps):
        value ^= value << np.uint64(13)
        value ^= value >> np.uint64(7)
        value ^= value << np.uint64(17)
    return value


def memory_bytes_per_s() -> float:
    """Bytes that one core reads and writes a second when it copies a large array [#stream]_ [B/s]."""
    source = np.ones(_COPY_MB * 1_000_000 // 8)
    target = np.empty_like(source)
    best = min(_timed(lambda: np.copyto(target, source)) for _ in range(_PASSES))
    return _COPY_TRAFFIC * source.nbytes / best


def limits_of_machine() -> dict[str, float]:
    """The clock and what memory moves, by the names of the record."""
    return {"clock_hz": clock_hz(), "copy_bytes_per_s": memory_bytes_per_s()}


def array_bytes(of: Any) -> int:
    """The bytes of all arrays in a record, and in the records, tuples and mappings in it."""
    if isinstance(of, np.ndarray):
        return of.nbytes
    if isinstance(of, Mapping):
        return sum(map(array_bytes, of.values()))
    if isinstance(of, tuple | list):
        return sum(map(array_bytes, of))
    if is_dataclass(of):
        return sum(array_bytes(getattr(of, one.name)) for one in fields(of))
    return 0


def _timed(act: Any) -> float:
    began = time.process_time()  # that of other programs does not count
    act()
    return max(time.process_time() - began, 1e-9)
