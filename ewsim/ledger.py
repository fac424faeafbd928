"""What happened to whom: the only contract between engine and metrics.

Two tables. `events` has a row for each thing the infrastructure did; `people` a row for each
person. In memory they are arrays with integer microseconds; on disk (Parquet) and in DataFrames
times are seconds, and NaN means never.

The causes (`ewsim.kinds.causes`) stand in the order of responsibility: a person missed for
several reasons is counted once, under the first that applies (docs/nomenclature.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ewsim.kinds import Lazy, causes
from ewsim.units import NEVER, US

if TYPE_CHECKING:
    import pandas as pd

REACHED = 0


#: Each cause's index in `cause_names()`; what the `cause` columns hold in memory.
CAUSE_CODE: Mapping[str, int] = Lazy(lambda: {name: code for code, name in enumerate(cause_names())})


def cause_names() -> tuple[str, ...]:
    """ "reached" and every cause, by code."""
    return ("reached", *causes())


#: Columns of the events table, in order.
EVENT_COLUMNS = ("time_s", "element", "kind", "operator", "cell_id", "site_id", "message", "detail", "inject")


@dataclass(frozen=True, slots=True)
class Chain:
    """What the delivery to each person passed on its way, before the element that sent it.

    `milestones` in order; `times_us` is one row a way, one column a milestone, shape (ways,
    milestones); `row` is each person's way, -1 for none.
    """

    milestones: tuple[str, ...]
    times_us: NDArray[np.int64]
    row: NDArray[np.int32]

    def at_us(self, milestone: str) -> NDArray[np.int64]:
        """When each person's delivery passed a milestone [us]."""
        column = self.times_us[:, self.milestones.index(milestone)]
        return np.append(column, NEVER)[self.row]


@dataclass(frozen=True, slots=True)
class ChannelOutcome:
    """What one channel did for each person; arrays of one length.

    `sent_us`: when the element that delivered it began to send (cell on air, message at the SMSC).
    `received_us`: first complete reception at the phone. `displayed_us`: shown to the person.
    `copies`: complete copies received, suppressed duplicates included. `displays`: times shown.
    `cause`: index into `cause_names()`, 0 where displayed. `NEVER` where it did not happen. `chain`: the
    stages before it was sent, where the channel has them.
    """

    sent_us: NDArray[np.int64]
    received_us: NDArray[np.int64]
    displayed_us: NDArray[np.int64]
    copies: NDArray[np.int16]
    displays: NDArray[np.int16]
    cause: NDArray[np.int8]
    chain: Chain | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What people did with the alert, where a scenario asks for it; arrays of one length.

    `noticed_us`: first aware of it, from any source. `understood_us`: knows what it says. `acted_us`: has
    acted on it. `NEVER` where it did not happen. `noticed_from`: the first source, an index into `sources`,
    -1 for none. `sources`: the channels, other sources, and `word_of_mouth`.
    """

    noticed_us: NDArray[np.int64]
    understood_us: NDArray[np.int64]
    acted_us: NDArray[np.int64]
    noticed_from: NDArray[np.int8]
    sources: tuple[str, ...]


#: Columns of the people table that the response gives.
RESPONSE_COLUMNS = ("noticed_s", "noticed_from", "understood", "understood_s", "acted_s")


@dataclass(frozen=True, slots=True)
class Ledger:
    """One replication's record.

    `people` holds the columns that describe a person: person_id, weight, lat, lon, in_area (bool),
    arrived_s (only where people arrive during the run), hazard_arrival_s (only where there are hazards: when
    the first reaches where someone lives, NaN where none does), overshoot_m (how far outside the alert area
    someone is who was alerted there, NaN for everyone else), camped_cell (index at the decision, -1
    none), false_alert_s and corrected_s (only where messages are false: when someone saw the first, and
    then had the last correction), and the group columns sex, age_band, disability, language, settlement,
    zone, operator, rat (strings as pandas categoricals; operator and rat are "none" without a handset or
    signal).
    `outcomes` holds each channel's outcome in the order the channels ran. `events` is the events
    table. `response` is what people did with it, None where the scenario does not ask.
    """

    people: pd.DataFrame
    outcomes: Mapping[str, ChannelOutcome]
    events: pd.DataFrame
    cause: NDArray[np.int8]  # over all channels, 0 where reached by any
    response: Response | None = None

    @property
    def reached_us(self) -> NDArray[np.int64]:
        """First display on any channel [us], NEVER where none."""
        first = np.full(len(self.people), NEVER, dtype=np.int64)
        for outcome in self.outcomes.values():
            np.minimum(first, outcome.displayed_us, out=first)
        return first

    @property
    def there_us(self) -> NDArray[np.int64]:
        """When each person was there to be reached: the decision, or later their arrival [us]."""
        if "arrived_s" not in self.people:
            return np.zeros(len(self.people), dtype=np.int64)
        arrived_us = np.rint(self.people["arrived_s"].to_numpy(np.float64) * US)
        return np.asarray(arrived_us, dtype=np.int64)

    def people_frame(self) -> pd.DataFrame:
        """The people table as it stands on disk, times in seconds."""
        frame = self.people.copy()
        for name, outcome in self.outcomes.items():
            if outcome.chain is not None:
                for milestone in outcome.chain.milestones:
                    frame[f"{name}_{milestone}_s"] = seconds(outcome.chain.at_us(milestone))
            frame[f"{name}_sent_s"] = seconds(outcome.sent_us)
            frame[f"{name}_received_s"] = seconds(outcome.received_us)
            frame[f"{name}_displayed_s"] = seconds(outcome.displayed_us)
            frame[f"{name}_copies"] = outcome.copies
            frame[f"{name}_displays"] = outcome.displays
            frame[f"{name}_cause"] = causes_categorical(outcome.cause)
        frame["reached_s"] = seconds(self.reached_us)
        frame["cause"] = causes_categorical(self.cause)
        if self.response is not None:
            import pandas as pd

            did = self.response
            kinds = pd.CategoricalDtype(list(did.sources))
            frame["noticed_s"] = seconds(did.noticed_us)
            frame["noticed_from"] = pd.Categorical.from_codes(did.noticed_from.astype(np.int64), dtype=kinds)
            frame["understood"] = did.understood_us < NEVER
            frame["understood_s"] = seconds(did.understood_us)
            frame["acted_s"] = seconds(did.acted_us)
        return frame


def causes_categorical(codes: NDArray[np.int8]) -> Any:
    """Cause codes as a pandas categorical over the closed list."""
    import pandas as pd

    return pd.Categorical.from_codes(codes.astype(np.int64), dtype=pd.CategoricalDtype(list(cause_names())))


def seconds(times_us: NDArray[np.int64]) -> NDArray[np.float64]:
    """Integer microseconds to seconds, NEVER to NaN."""
    out = times_us / US
    out[times_us >= NEVER] = np.nan
    return out


def combined_cause(outcomes: Mapping[str, ChannelOutcome], count: int) -> NDArray[np.int8]:
    """One primary cause a person over all channels: 0 if any reached, else the first listed."""
    cause = np.full(count, CAUSE_CODE["no_channel"], dtype=np.int8)
    for outcome in outcomes.values():
        np.minimum(cause, outcome.cause, out=cause)
    return cause
