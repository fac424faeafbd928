"""Everything that changes during one replication."""

from ewsim.world.elements import Element, ElementKind, Root
from ewsim.world.failing import World
from ewsim.world.state import EventRow
from ewsim.world.surge import Surge

__all__ = ["Element", "ElementKind", "EventRow", "Root", "Surge", "World"]
