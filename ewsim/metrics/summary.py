"""The one document that says how a run went; its keys are a promise (`ewsim.run/1`)."""

from __future__ import annotations

from typing import Any

from ewsim.ledger import Ledger
from ewsim.metrics.accuracy import fit_to_area
from ewsim.metrics.causes import by_cause
from ewsim.metrics.combination import channels_together
from ewsim.metrics.latency import latency_percentiles
from ewsim.metrics.reach import GROUPS, by_group, reach_curves, share, time_to_share, weights

FORMAT = "ewsim.run/1"

#: Shares of everyone in the area whose time is given.
SHARES = (0.5, 0.9, 0.95)


def summarise(ledger: Ledger, *, scenario: str, seed: int, version: str) -> dict[str, Any]:
    """The document of `ewsim run --json` without what the run took and wrote.

    Counts are people, shares are of `in_area`.

    Parameters
    ----------
    ledger
        What happened to whom.
    scenario, seed, version
        What ran: the scenario's name, the seed, and the version of ewsim.
    """
    fit = fit_to_area(ledger)
    missed = by_cause(ledger)
    curves = reach_curves(ledger)
    any_channel, *channels = curves.items()
    reached = any_channel[1]
    weight = weights(ledger)
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
            "by_group": {column: _groups(ledger, column) for column in GROUPS},
        },
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
    }


def _groups(ledger: Ledger, column: str) -> dict[str, dict[str, Any]]:
    table = by_group(ledger, column)
    shares = {name: table[name].astype(object).where(table[name].notna(), None) for name in _SHARES}
    rows = table[["people", "reached", "suppressed"]].assign(**shares).to_dict("records")
    return {str(group): row for group, row in zip(table["group"], rows, strict=True)}  # type: ignore[misc]


_SHARES = ("share", "gap_ratio")
