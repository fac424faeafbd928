"""Ways that are closed to operators, and phones that a false base station holds."""

from typing import NamedTuple

from shapely.geometry.base import BaseGeometry


class Gate(NamedTuple):
    """A way to operators' centres that is closed for a time; `operators` empty: to all of them.

    `cause` is what people are missed for where it does not open in time.
    """

    from_us: int
    until_us: int
    cause: str
    operators: tuple[str, ...] = ()


class Capture(NamedTuple):
    """A false station: when [us], where [m], the share of phones that it holds, and of them that show it.

    `number` is its disturbance's, to which its draws belong.
    """

    name: str
    number: int
    from_us: int
    until_us: int
    area: BaseGeometry
    share: float
    shows_share: float
