"""The kinds of recovery."""

from collections.abc import Iterator

from ewsim.disturbances.recovery.spec import DeployableSpec, RepairCrewsSpec
from ewsim.errors import KeyFault
from ewsim.kinds import Kind, lazily
from ewsim.scenario.faults import unknown_operators
from ewsim.scenario.spec import Scenario


def check_deployable(spec: DeployableSpec, scenario: Scenario) -> Iterator[KeyFault]:
    """Places that are missing or of another type, more of them than units, and times that do not fit."""
    yield from unknown_operators(scenario, ((("operators",), name) for name in spec.operators or ()))
    terminal = spec.type == "satellite_terminal"
    wanted, other = ("sites", "places") if terminal else ("places", "sites")
    if not spec.targets:
        fix = "Name sites." if terminal else "Give places: [[latitude, longitude], ...]."
        yield KeyFault(("kind",), f"nothing says where the {spec.type} goes.", fix)
    if getattr(spec, other):
        yield KeyFault((other,), f"a {spec.type} takes {wanted}, not {other}.", f"Give {wanted} instead.")
    if spec.stock is not None and spec.stock < len(spec.targets):
        message = f"there are {len(spec.targets)} {wanted} and a stock of {spec.stock}."
        yield KeyFault(("stock",), message, f"Leave {wanted} out, or give a larger stock.")
    if spec.leaves_s is not None and spec.leaves_s <= spec.at_s:
        message = f"leaves_s ({spec.leaves_s:g}) is not after at_s ({spec.at_s:g})."
        yield KeyFault(("leaves_s",), message, "Give a later time, or leave it out.")


def check_crews(spec: RepairCrewsSpec, scenario: Scenario) -> Iterator[KeyFault]:  # noqa: ARG001
    """Crews that stop before they begin, repair nothing, or are sent to one element twice."""
    if spec.ends_s is not None and spec.ends_s <= spec.at_s:
        message = f"ends_s ({spec.ends_s:g}) is not after at_s ({spec.at_s:g})."
        yield KeyFault(("ends_s",), message, "Give a later time, or leave it out.")
    if all(value is None for value in spec.repair.model_dump().values()):
        yield KeyFault(("repair",), "these crews repair nothing.", "Give a time for what they repair.")
    if spec.rest == "none" and not spec.order:
        yield KeyFault(
            ("rest",), "there is no order, and nothing follows it.", "Give order, or another rest."
        )
    seen: set[str] = set()
    for number, name in enumerate(spec.order):
        if name in seen:
            yield KeyFault(("order", number), f"{name!r} is there twice.", "Leave the second out.")
        seen.add(name)


DEPLOYABLE = Kind(
    "deployable",
    "disturbance",
    "deployable cell",
    DeployableSpec,
    lazily("ewsim.disturbances.recovery.deployable:Deployables"),
    check_deployable,
)
REPAIR_CREWS = Kind(
    "repair_crews",
    "disturbance",
    "repair crew",
    RepairCrewsSpec,
    lazily("ewsim.disturbances.recovery.crews:RepairCrews"),
    check_crews,
)
