"""Everything that changes during one replication."""

from ewsim.world.clock import collector_waits
from ewsim.world.counted import Counted, plain
from ewsim.world.deceit import Capture, Gate
from ewsim.world.elements import Element, ElementKind, Root
from ewsim.world.failing import World
from ewsim.world.state import EventRow
from ewsim.world.surge import Surge

__all__ = [
    "Capture",
    "Counted",
    "Element",
    "ElementKind",
    "EventRow",
    "Gate",
    "Root",
    "Surge",
    "World",
    "collector_waits",
    "plain",
]
