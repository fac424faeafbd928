"""The one document that says how a run went; its keys are a promise (`ewsim.run/1`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ewsim.ledger import Ledger
from ewsim.metrics.accuracy import false_alerts, fit_to_area
from ewsim.metrics.causes import by_cause
from ewsim.metrics.combination import channels_together
from ewsim.metrics.denominators import Languages, not_reading, of_owners, of_phone_age
from ewsim.metrics.infrastructure import fuel_burnt
from ewsim.metrics.latency import latency_percentiles, lead_times
from ewsim.metrics.reach import GROUPS, by_group, reach_curves, share, time_to_share, weights

FORMAT = "ewsim.run/1"

#: Shares of everyone in the area whose time is given.
SHARES = (0.5, 0.9, 0.95)


def summarise(
    ledger: Ledger,
    *,
    scenario: str,
    seed: int,
    version: str,
    own_phone_age_years: int = 10,
    languages: Languages | None = None,
    not_modelled: Sequence[str] = (),
) -> dict[str, Any]:
    """The document of `ewsim run --json` without what the run took and wrote.

    Counts are people, shares are of `in_area`.

    Parameters
    ----------
    ledger
        What happened to whom.
    scenario, seed, version
        What ran: the scenario's name, the seed, and the version of ewsim.
    own_phone_age_years
        The age from which `reach.of_phone_age` counts people [years].
    languages
        The languages of the message, for `not_reading`; None where it is not known what people read.
    not_modelled
        Columns of `GROUPS` whose groups the run treats alike: they have people and no reach.
    """
    fit = fit_to_area(ledger)
    missed = by_cause(ledger)
    curves = reach_curves(ledger)
    any_channel, *channels = curves.items()
    reached = any_channel[1]
    weight = weights(ledger)
    hazard = lead_times(ledger)
    with_phone = (ledger.people["operator"] != "none").to_numpy(bool)
    return {
        "format": FORMAT,
        "scenario": scenario,
        "seed": seed,
        "version": version,
        "population": int(weight.sum()),
        "handsets": int(weight[with_phone].sum()),
        "in_area": fit.in_area,
        "reach": {
            "people": fit.displayed_inside,
            "share": float(share(fit.displayed_inside, fit.in_area)),
            "by_channel": {
                name: float(share(int(c.people[-1]) if c.people.size else 0, c.whole)) for name, c in channels
            },
            "of_phone_age": of_phone_age(ledger, own_phone_age_years),
            "of_owners": of_owners(ledger),
            "by_group": {column: _groups(ledger, column, column not in not_modelled) for column in GROUPS},
        },
        "not_reading": not_reading(ledger, languages),
        "combination": channels_together(ledger),
        "time_to_share_s": {f"{s:g}": time_to_share(reached, s) for s in SHARES},
        "latency_s": latency_percentiles(ledger),
        "accuracy": {
            "undershoot_share": fit.undershoot_share,
            "overshoot_share": fit.overshoot_share,
            "recall_share": fit.recall_share,
            "overshoot_p50_m": fit.overshoot_p50_m,
            "overshoot_p95_m": fit.overshoot_p95_m,
        },
        "causes": dict(zip(missed["cause"], missed["people"].tolist(), strict=True)),
        **({} if hazard is None else {"hazard": hazard}),
        **({} if (false := false_alerts(ledger)) is None else {"false_alerts": false}),
        **({} if (fuel := fuel_burnt(ledger.events)) is None else {"fuel": fuel}),
    }


def _groups(ledger: Ledger, column: str, modelled: bool) -> dict[str, dict[str, Any]]:
    table = by_group(ledger, column, modelled=modelled)
    known = {name: table[name].astype(object).where(table[name].notna(), None) for name in _KNOWN}
    rows = table[["people", "suppressed", "modelled"]].assign(**known).to_dict("records")
    return {str(group): row for group, row in zip(table["group"], rows, strict=True)}  # type: ignore[misc]


#: Columns of groups that may be unknown.
_KNOWN = ("reached", "share", "gap_ratio")
