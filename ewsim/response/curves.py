"""Published curves of warning and response, as closed forms; times and rates in one unit of your own.

Everything here is a share of people. The simulated layer is held against these (docs/metrics.md).

References
----------
.. [Rogers1988] G. O. Rogers and J. H. Sorensen, "Diffusion of emergency warnings", Environmental Professional
   10 (1988) 281-294: a logistic form whose parameters limit the penetration. The closed form is that of
   F. M. Bass, Management Science 15 (1969) 215-227, doi:10.1287/mnsc.15.5.215.
.. [LifeSim] USACE RMC, LifeSim Technical Reference Manual, chapter 6: Weibull curves of warning and action.
.. [TUNAMI] E. Mas et al., TUNAMI-EVAC: departures that follow a Rayleigh distribution.
.. [Kermack1927] W. O. Kermack and A. G. McKendrick, Proceedings of the Royal Society A 115 (1927) 700-721,
   doi:10.1098/rspa.1927.0118: the final size of a contagion.
"""

import math
from collections.abc import Sequence


def diffusion(time: float, broadcast: float, contagion: float, ceiling: float = 1.0) -> float:
    """Share that knows by a time, from sources that broadcast and from people who tell others [Rogers1988]_.

    n' = (p + q n)(M - n) with n(0) = 0.

    Parameters
    ----------
    time
        From the first broadcast on [any].
    broadcast
        Rate p of learning from a source [1/any].
    contagion
        Rate q of learning from people who know [1/any].
    ceiling
        Share M of people who can learn at all [0..1].

    Examples
    --------
    >>> round(diffusion(30, broadcast=0.02, contagion=0.05), 3)
    0.672
    """
    rate, ratio = broadcast + contagion * ceiling, contagion * ceiling / broadcast
    fallen = math.exp(-rate * time)
    return ceiling * (1 - fallen) / (1 + ratio * fallen)


def diffusion_time(wanted: float, broadcast: float, contagion: float, ceiling: float = 1.0) -> float | None:
    """When `diffusion` attains a share of all people; None where it never does.

    Parameters
    ----------
    wanted
        The share [0..1].
    broadcast, contagion
        Rates p and q [1/any].
    ceiling
        Share of people who can learn at all [0..1].
    """
    part = wanted / ceiling
    if part >= 1:
        return None
    rate, ratio = broadcast + contagion * ceiling, contagion * ceiling / broadcast
    return math.log((1 + ratio * part) / (1 - part)) / rate


def informal_share(broadcast: float, contagion: float, ceiling: float = 1.0) -> float:
    """Of all who know in the end, those who learned it first from a person.

    Parameters
    ----------
    broadcast, contagion
        Rates p and q of `diffusion` [1/any].
    ceiling
        Share of people who can learn at all [0..1].
    """
    ratio = contagion * ceiling / broadcast
    return 1 - math.log1p(ratio) / ratio if ratio else 0.0


def talk_only(time: float, first: float, contagion: float) -> float:
    """Share that knows when a share knew at the start and people tell each other from then on.

    Parameters
    ----------
    time
        From the start [any].
    first
        Share that knew at the start [0..1].
    contagion
        Rate of learning from people who know [1/any].
    """
    return 1 / (1 + (1 - first) / first * math.exp(-contagion * time))


def final_share(first: float, informed: float) -> float:
    """Share that knows in the end when each who knows tells so many others once [Kermack1927]_.

    1 - z = (1 - d) exp(-R z): the people informed are anybody, also those who know already.

    Examples
    --------
    >>> round(final_share(0.90, 0.5), 3)
    0.937
    """
    if first >= 1 or not informed:
        return first
    from scipy.optimize import brentq  # a seventh of a second that a run need not wait for

    return float(brentq(lambda z: 1 - z - (1 - first) * math.exp(-informed * z), first, 1, xtol=1e-12))


def together(time: float, ceilings: Sequence[float], rates: Sequence[float]) -> float:
    """Share that some source has reached, each with its own ceiling and rate, without telling.

    Parameters
    ----------
    time
        From the start [any].
    ceilings
        Share of people whom each source can reach [0..1], shape (sources,).
    rates
        Its rate [1/any], shape (sources,).
    """
    missed = (1 - m * (1 - math.exp(-p * time)) for m, p in zip(ceilings, rates, strict=True))
    return 1 - math.prod(missed)


def household(direct: float, informed: float, members: int) -> float:
    """Share that knows when members of a household tell each other, reached independently.

    Parameters
    ----------
    direct
        Share reached directly [0..1].
    informed
        Share of those missed whom a member who knows tells [0..1].
    members
        People of the household [people].
    """
    return direct + (1 - direct) * informed * (1 - (1 - direct) ** (members - 1))


def weibull_fit(median: float, p90: float) -> tuple[float, float]:
    """The a and b of P(t) = 1 - exp(-a t^b) through half at `median` and 90 % at `p90` [LifeSim]_."""
    b = math.log(math.log(0.1) / math.log(0.5)) / math.log(p90 / median)
    return math.log(2) / median**b, b


def weibull(time: float, a: float, b: float) -> float:
    """Share that has acted by a time: 1 - exp(-a t^b) [LifeSim]_.

    Parameters
    ----------
    time
        From the alert on [any].
    a, b
        As `weibull_fit` gives them [1].
    """
    return -math.expm1(-a * time**b)


def rayleigh_scale(median: float) -> float:
    """The scale of the Rayleigh distribution with this median [TUNAMI]_: the median over sqrt(2 ln 2)."""
    return median / math.sqrt(2 * math.log(2))
