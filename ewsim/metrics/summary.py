"""The one document that says how a run went; its keys are a promise (`ewsim.run/1`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ewsim.ledger import Ledger
from ewsim.metrics.accuracy import accuracy
from ewsim.metrics.causes import by_cause
from ewsim.metrics.combination import combination
from ewsim.metrics.latency import latency
from ewsim.metrics.reach import GROUPS, by_group, reach_curves, share, time_to_share, weights

FORMAT = "ewsim.run/1"

#: Shares of everyone in the area whose time is given.
SHARES = (0.5, 0.9, 0.95)


def summary(
    ledger: Ledger,
    *,
    scenario: str,
    seed: int,
    version: str,
    timing_s: Mapping[str, float],
    outputs: Mapping[str, str],
) -> dict[str, Any]:
    """The JSON document of `ewsim run --json`; counts are people, shares are of `in_area`."""
    fit = accuracy(ledger)
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
        "combination": combination(ledger),
        "time_to_share_s": {f"{s:g}": time_to_share(reached, s) for s in SHARES},
        "latency_s": latency(ledger),
        "accuracy": {
            "undershoot_share": fit.undershoot_share,
            "overshoot_share": fit.overshoot_share,
            "recall_share": fit.recall_share,
            "overshoot_p50_m": fit.overshoot_p50_m,
            "overshoot_p95_m": fit.overshoot_p95_m,
        },
        "causes": dict(zip(missed["cause"], missed["people"].tolist(), strict=True)),
        "timing_s": dict(timing_s),
        "outputs": dict(outputs),
    }


def _groups(ledger: Ledger, column: str) -> dict[str, dict[str, Any]]:
    table = by_group(ledger, column)
    shares = {name: table[name].astype(object).where(table[name].notna(), None) for name in _SHARES}
    rows = table[["people", "reached", "suppressed"]].assign(**shares).to_dict("records")
    return {str(group): row for group, row in zip(table["group"], rows, strict=True)}  # type: ignore[misc]


_SHARES = ("share", "gap_ratio")
