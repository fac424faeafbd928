"""The key `protection` of `ewsim run --json`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ewsim.ledger import Ledger
from ewsim.metrics.combination import repeats
from ewsim.metrics.protection.connectivity import lost_person_hours
from ewsim.metrics.protection.funnel import response_stages
from ewsim.metrics.protection.gaps import widest
from ewsim.metrics.protection.proxies import sendai
from ewsim.metrics.protection.warned import warned_in_time
from ewsim.metrics.reach import GROUPS


def protection_of(
    ledger: Ledger, *, cell_count: int, horizon_s: float, not_modelled: Sequence[str] = ()
) -> dict[str, Any]:
    """What the warning was good for; every figure is defined in docs/metrics.md.

    Parameters
    ----------
    ledger
        What happened to whom.
    cell_count
        Number of cells of the network.
    horizon_s
        The end of the run [s].
    not_modelled
        Columns whose groups the run treats alike: they have no gap.
    """
    found = response_stages(ledger)
    return {
        **({} if found is None else {"funnel": found}),
        "warned": warned_in_time(ledger),
        "gaps": {column: widest(ledger, column) for column in GROUPS if column not in not_modelled},
        "repeats": {str(row.pop("channel")): row for row in repeats(ledger).to_dict("records")},
        "sendai": sendai(ledger),
        "connectivity": lost_person_hours(ledger, cell_count, horizon_s),
    }
