"""Whether a run's people fit into the memory there is, before any are placed."""

from __future__ import annotations

import math
import sys
from contextlib import suppress
from pathlib import Path

from ewsim.country.ground import BuiltGround
from ewsim.errors import RunError
from ewsim.scenario.load import LoadedScenario

#: What a row of people takes at the peak of a run [octets]: 350 measured, with two channels, 1 to 3 million
#: rows and no journeys; assumption: a fifth more with them.
OCTETS_A_ROW = 420


def check_memory(loaded: LoadedScenario, ground: BuiltGround) -> None:
    """Refuse people that the memory cannot hold; raises RunError with the weight that fits."""
    people, weight = int(ground.settlements.people.sum()), loaded.spec.population.weight
    free, need = free_octets(), -(-people // weight) * OCTETS_A_ROW
    if need <= free:
        return
    fits = math.ceil(people * OCTETS_A_ROW / max(free, OCTETS_A_ROW))
    digits = 10 ** max(len(str(fits)) - 2, 0)
    raise RunError(
        f"{loaded.path}: {people:,} people at population.weight {weight} need about {need / 1e9:.1f} GB of "
        f"memory, and {free / 1e9:.1f} GB are free. Write population.weight: {-(-fits // digits) * digits}, "
        "so that one row stands for as many people."
    )


def free_octets() -> float:
    """Memory that this process can still have: of the machine, its control group and its own limit."""
    found = [math.inf]
    with suppress(OSError, ValueError, KeyError):
        lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text("ascii").splitlines())
        found.append(int(lines["MemAvailable"].split()[0]) * 1024)
    with suppress(OSError, ValueError, KeyError):
        group = Path("/sys/fs/cgroup")
        pages = dict(line.split() for line in (group / "memory.stat").read_text("ascii").splitlines())
        found.append(int((group / "memory.max").read_text("ascii")) - int(pages["anon"]))
    if sys.platform != "win32":
        import resource

        most = resource.getrlimit(resource.RLIMIT_AS)[0]
        if most != resource.RLIM_INFINITY:
            with suppress(OSError, ValueError):
                mapped = int(Path("/proc/self/statm").read_text("ascii").split()[0])
                found.append(most - mapped * resource.getpagesize())
    return max(min(found), 0)
