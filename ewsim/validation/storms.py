"""Sites off after two storms, from the elements of a network: grid, own power, links and masts.

The grid goes and comes back as it was reported; the rest are defaults of a scenario, or sites as operators
in the United States build them. Assumptions: 1,000 sites, each with a way of its own to the core; links cut
and masts lost in the shares of `outlook.law` and of the FCC's causes, and restored at random.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ewsim.disturbances import timeline
from ewsim.disturbances.outlook.fit import PastEvent, past_events
from ewsim.disturbances.spec import (
    BackhaulCutSpec,
    PowerLossSpec,
    RestorationSpec,
    SiteDestroyedSpec,
    StageSpec,
    WhereSpec,
)
from ewsim.engine import benchmark_world
from ewsim.geography.plane import FloatArray
from ewsim.network.rollout.backup import backup_of
from ewsim.network.topology import CORE, Network
from ewsim.scenario.spec import DisturbanceSpec, PowerSpec
from ewsim.streams import Streams
from ewsim.units import US
from ewsim.validation.rows import Row
from ewsim.world import World

_SITES, _FEEDERS, _DAY_S, _RUNS = 1000, 100, 86_400, 5
_AUTHORITY = "FCC: sites off"
_STORMS, _DAYS = ("Ida", "Michael"), (0.9, 2.9, 6.9)
#: Links cut and masts lost, as parts of the customers' peak: a quarter in the model of five numbers
#: (docs/guides/outage_outlook.md), and .08 of the sites off by the FCC's causes of Ida.
_CUT_OF_PEAK, _LOST_OF_PEAK = 0.25, 0.06
#: Sites of operators in the United States: a generator at every second one, and a large fleet.
UNITED_STATES = PowerSpec.model_validate(
    {"generator_share": 0.5, "portable": {"share": 0.4}, "refuelling": {"crews_share": 0.03}}
)
_SUPPLIES = {"default": PowerSpec(), "us": UNITED_STATES}
#: The share of generators follows from what was off among sites without mains on Ida's first day.
_FITTED = "ida_us"
_TOLERANCE = 0.15


def rows(*, only: str | None = None) -> Iterator[Row]:
    """Every comparison, or those with this word in their id or authority."""
    for event in (e for e in past_events() if e.name.startswith(_STORMS)):
        reported = dict(zip(event.reported.day.tolist(), event.reported.share.tolist(), strict=True))
        for supplies, power in _SUPPLIES.items():
            name = f"storm_{event.name.split()[0].lower()}_{supplies}"
            if only is None or only.lower() in f"{name} {_AUTHORITY}".lower():
                off = np.array([_off(event, power, run) for run in range(_RUNS)])
                for day, values in zip(_DAYS, off.T, strict=True):
                    if day in reported:
                        yield _row(event, name, day, reported[day], values)


def _row(event: PastEvent, name: str, day: float, reported: float, values: FloatArray) -> Row:
    mean, spread = float(values.mean()), 1.96 * float(values.std(ddof=1))
    default = name.endswith("default")
    return Row(
        id=f"{name}_day_{round(day)}",
        authority=_AUTHORITY,
        metric=f"{event.name}, day {round(day)}, {'default supplies' if default else 'supplies of the US'}",
        unit="share",
        published=reported,
        simulated=mean,
        low=mean - spread,
        high=mean + spread,
        tolerance=_TOLERANCE,
        kind="calibrated" if name.endswith(_FITTED) and day == _DAYS[0] else "predicted",
        note="the customers without mains are those reported",
    )


def _network(power: PowerSpec) -> Network:
    plain = benchmark_world.setup(10, 3 * _SITES).network
    ids, parent = np.arange(_SITES), np.full(_SITES, CORE, dtype=np.int32)
    luck = Streams(1).uniform("network.generator", ids)
    backup = backup_of(parent, np.zeros(_SITES), power, luck)
    sites = replace(
        plain.sites,
        parent=parent,
        feeder=(ids * _FEEDERS // _SITES).astype(np.int32),
        battery_s=backup.battery_s,
        generator_s=backup.generator_s,
    )
    return replace(plain, sites=sites, feeder_names=tuple(f"feeder_{n + 1}" for n in range(_FEEDERS)))


def _off(event: PastEvent, power: PowerSpec, run: int) -> list[float]:
    """The share of sites that are off on each day, in one run."""
    world = World(_network(power), Streams(1, run), round(_DAYS[-1] * _DAY_S + 1) * US)
    timeline.start(world, _storm(event), power)
    found: list[float] = []

    def look() -> Iterator[object]:
        for day in _DAYS:
            yield world.env.timeout(round(day * _DAY_S) * US - world.env.now)
            found.append(sum(root is not None for root in world.root) / _SITES)

    world.env.process(look())
    world.run()
    return found


def _storm(event: PastEvent) -> list[DisturbanceSpec]:
    customers = event.known.customers
    assert customers is not None
    top = int(np.argmax(customers.share))
    peak = float(customers.share[top])
    stages = [StageSpec(at_s=1, share=1 - peak)]
    stages += [
        StageSpec(at_s=day * _DAY_S, share=1 - share)
        for day, share in zip(customers.day[top:].tolist(), customers.share[top:].tolist(), strict=True)
    ]
    at_random = RestorationSpec(by="site")
    return [
        PowerLossSpec(kind="power_loss", at_s=0, restoration=RestorationSpec(stages=tuple(stages))),
        BackhaulCutSpec(
            kind="backhaul_cut", at_s=0, where=WhereSpec(share=_CUT_OF_PEAK * peak), restoration=at_random
        ),
        SiteDestroyedSpec(
            kind="site_destroyed", at_s=0, where=WhereSpec(share=_LOST_OF_PEAK * peak), restoration=at_random
        ),
    ]
