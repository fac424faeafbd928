"""The key `protection` of `ewsim run --json`."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from ewsim.metrics.accuracy import Accuracy
from ewsim.metrics.protection.connectivity import lost_person_hours
from ewsim.metrics.protection.funnel import acted_before, response_of
from ewsim.metrics.protection.gaps import widest
from ewsim.metrics.protection.proxies import sendai
from ewsim.metrics.protection.warned import warned_of

_REPEATS = ("received", "displayed", "copies_over_1", "displays_over_1")


def protection_of(
    counts: Mapping[str, Any],
    fit: Accuracy,
    events: pd.DataFrame,
    *,
    cell_count: int,
    horizon_s: float,
    not_modelled: Sequence[str] = (),
) -> dict[str, Any]:
    """What the warning was good for; every figure is defined in docs/metrics.md.

    Parameters
    ----------
    counts
        What `ewsim.metrics.summary.counts_of` gives.
    fit
        How well the displays fit the alert area.
    events
        The events table.
    cell_count
        Number of cells of the network.
    horizon_s
        The end of the run [s].
    not_modelled
        Columns whose groups the run treats alike: they have no gap.
    """
    did = counts["response"]
    warned = None if counts["warned"] is None else warned_of(counts["warned"])
    gaps = {column: groups for column, groups in counts["groups"].items() if column not in not_modelled}
    return {
        **({} if did is None else {"funnel": response_of(did, fit.in_area)}),
        "warned": warned,
        "gaps": {column: widest(groups) for column, groups in gaps.items()},
        "repeats": {
            name: dict(zip(_REPEATS, row.tolist(), strict=True)) for name, row in counts["repeats"].items()
        },
        "sendai": sendai(fit, acted_before(did), warned),
        "connectivity": lost_person_hours(counts["camped"], events, cell_count, horizon_s),
    }
