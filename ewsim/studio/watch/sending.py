"""What the authority sends after the alert: updates, and the cancellation with an all-clear."""

import copy
from collections.abc import Mapping
from typing import Any, Final

from ewsim.country.build import Country
from ewsim.errors import UsageError
from ewsim.metrics.words import duration
from ewsim.studio.watch.injects import check_time

#: What can be sent later; `stop` ends the broadcast without a word.
LATER: Final = ("update", "cancel", "stop")


def send_later(
    scenario: Mapping[str, Any], country: Country, do: str, at_s: float, text: str = "", now_s: float = 0.0
) -> dict[str, Any]:
    """The scenario's data with an update or an end of its cell broadcast.

    Parameters
    ----------
    scenario
        The scenario's data.
    country
        Its country.
    do
        One of `LATER`.
    at_s
        When the authority sends it [s after the decision].
    text
        The new text; empty: the same, or a plain all-clear.
    now_s
        The moment that is shown, before which nothing can be sent [s].

    Raises
    ------
    UsageError
        There is no cell broadcast, it is over, or the moment is past.
    """
    check_time(country, at_s, max(now_s, 0.0))
    draft = copy.deepcopy(dict(scenario))
    channel = (draft.get("channels") or {}).get("cell_broadcast")
    if not isinstance(channel, dict):
        raise UsageError("Only cell broadcast can be updated or ended, and this scenario has none. Add it.")
    then = list(channel.get("then") or ())
    over_s = min((one["at_s"] for one in then if one["do"] in ("stop", "cancel")), default=None)
    if over_s is not None and over_s <= at_s:
        raise UsageError(f"The alert is over at {duration(over_s)}. Send this before, or undo its end.")
    if do != "update" and (after := [one["at_s"] for one in then if one["at_s"] > at_s]):
        raise UsageError(f"Something is sent at {duration(min(after))} still. Undo that first.")
    row = {"do": do, "at_s": at_s, **({"text": text} if text.strip() else {})}
    channel["then"] = sorted([*then, row], key=lambda one: one["at_s"])
    return draft
