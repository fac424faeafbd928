"""Figures that stand for others: two Sendai indicators, silence, and what an extra person costs.

References
----------
.. [1] UNDRR, Technical guidance for monitoring and reporting on progress in achieving the global targets
   of the Sendai Framework (2017), target G: indicators G-3 and G-6.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ewsim.metrics.accuracy import Accuracy


def sendai(
    fit: Accuracy, acted: Mapping[str, Any] | None, warned: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Proxies of two Sendai indicators [1]_; a country's own figures are counted otherwise.

    Parameters
    ----------
    fit
        How well the displays fit the alert area.
    acted
        What `acted_before` says.
    warned
        What `warned_in_time` says.

    Returns
    -------
    dict
        `g3_per_100000`: of 100,000 people of the area those who were shown the alert (G-3 counts people who
        are covered by early warning information, in a country; overlapping channels count once).
        `g6_share`: of the people in the area whom a hazard reaches those who had acted before it came, with
        the response layer, or else those warned before it came, and `g6_of` says which of the two (G-6
        counts people protected through pre-emptive evacuation after a warning). None without a hazard.
    """
    return {
        "proxy": True,
        "g3_per_100000": 100_000 * fit.recall_share,
        "g6_share": (acted or warned or {}).get("share"),
        "g6_of": "acted_before_hazard" if acted else "warned_before_hazard" if warned else None,
    }


def silence_s(sent_s: Sequence[float], until_s: float) -> tuple[float, bool]:
    """How long people heard nothing more after the first message [s], and whether a second one ended it.

    From the first message to the next about the same event, an update or the all-clear; to the end of
    what is looked at where there is none. Hawaii 2018: 38 minutes from the alert to its correction.

    Parameters
    ----------
    sent_s
        When messages were sent, at least one [s].
    until_s
        The end of what is looked at [s].

    Examples
    --------
    >>> silence_s([0, 2280], 86_400)
    (2280, True)
    >>> silence_s([0], 3600)
    (3600, False)
    """
    first, *later = sorted(sent_s)
    return (later[0] - first, True) if later else (max(until_s - first, 0.0), False)


def per_extra_person(cost: float, other_cost: float, won_people: int) -> float | None:
    """What each person more costs, in the unit of the costs; None where no person is won.

    Parameters
    ----------
    cost, other_cost
        What the two variants cost, as you state it; ewsim has no prices [any].
    won_people
        How many people more the first variant reaches, net [people].

    Examples
    --------
    >>> per_extra_person(50_000, 10_000, won_people=2_000)
    20.0
    """
    return (cost - other_cost) / won_people if won_people > 0 else None


def annual_cost(capital: float, life_years: float, interest: float, running: float = 0.0) -> float:
    """The cost of a year of something bought once: its annuity and what it costs to run.

    Parameters
    ----------
    capital
        The price [any].
    life_years
        How long it lasts [years].
    interest
        The rate of interest a year, 0.03 for 3 % [1].
    running
        What a year of use costs [any].
    """
    if not interest:
        return capital / life_years + running
    return float(capital * interest / (1 - (1 + interest) ** -life_years) + running)
