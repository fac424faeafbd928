"""What a scenario may say about what people do with an alert. All of it is illustrative."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ewsim.scenario.spec.base import DurationS, Model, Number, PositiveS, Share, Sigma

Hour = Annotated[Number, Field(ge=0, lt=24)]

#: What each preset sets; every number is an assumption, ordered from a quick to a slow response.
PRESETS: dict[str, dict[str, dict[str, float]]] = {
    "fast": {
        "telling": {"night_factor": 0.7},
        "acting": {"acts_share": 0.95, "median_s": 600, "p90_s": 3600},
    },
    "moderate": {
        "telling": {"night_factor": 0.5},
        "acting": {"acts_share": 0.88, "median_s": 1800, "p90_s": 10_800},
    },
    "slow": {
        "telling": {"night_factor": 0.35},
        "acting": {"acts_share": 0.80, "median_s": 3600, "p90_s": 21_600},
    },
}


class NoticingSpec(Model):
    """When people notice what their phone shows: by what they do at that hour."""

    asleep_share: Share = Field(
        0.75,
        description="assumption: sleepers with the phone in the room whom an alarm wakes (range 0.5 to 0.95)",
    )
    home_share: Share = Field(
        0.95, description="assumption: people at home who notice an alarm (range 0.85 to 1)"
    )
    work_share: Share = Field(
        0.85, description="assumption: people at work or school who notice an alarm (range 0.7 to 0.95)"
    )
    driving_share: Share = Field(0.9, description="assumption: people on the road who do (range 0.7 to 0.95)")
    outdoors_share: Share = Field(0.8, description="assumption: people outdoors who do (range 0.6 to 0.95)")
    alarm_mean_s: PositiveS = Field(
        20, description="assumption: mean time until they do [s] (range 5 to 60); all within six times that"
    )
    home_median_s: PositiveS = Field(
        360,
        description="assumption: at home until a plain message is noticed, median [s] (range 120 to 1200)",
    )
    work_median_s: PositiveS = Field(
        900, description="assumption: the same at work or school [s] (range 300 to 3600)"
    )
    driving_median_s: PositiveS = Field(
        1200, description="assumption: the same on the road [s] (range 300 to 3600)"
    )
    outdoors_median_s: PositiveS = Field(
        1200, description="assumption: the same outdoors [s] (range 300 to 3600)"
    )
    message_sigma: Sigma = Field(
        0.9, description="assumption: standard deviation of ln(that time) (range 0.5 to 1.5)"
    )
    bed_hour: Hour = Field(23, description="assumption: mean hour of going to sleep (range 21 to 23.9)")
    wake_hour: Hour = Field(6.5, description="assumption: mean hour of waking (range 5 to 8)")
    sleep_spread_hours: float = Field(
        1,
        ge=0,
        le=4,
        description="assumption: standard deviation of these between people [h] (range 0.5 to 2)",
    )
    work_from_hour: Hour = Field(8, description="assumption: work and school begin (range 6 to 10)")
    work_to_hour: Hour = Field(16, description="assumption: work and school end (range 13 to 19)")
    at_work_share: Share = Field(
        0.6, description="assumption: people of 10 to 64 at work or school then (range 0.4 to 0.8)"
    )
    on_road_share: Share = Field(
        0.05, description="assumption: people on the road from 7 to 20 o'clock (range 0.02 to 0.1)"
    )
    phone_near_shares: Annotated[tuple[Share, ...], Field(min_length=7, max_length=7)] = Field(
        (0.9, 0.9, 0.9, 0.7, 0.5, 0.34, 0.34),
        description="sleepers with the phone on or next to the bed, by age group (Pew Research Center 2010: "
        "90, 70, 50 and 34 % of owners from 18, 30, 50 and 65 years; children counted as at 18)",
    )
    hearing_factor: float = Field(
        0.61,
        ge=0,
        le=1,
        description="of sleepers with a hearing disability an alarm wakes so much less (Bruck and "
        "Thomas 2009: 56 % woke at 3,100 Hz, 92 % at 520 Hz)",
    )


class UnderstandingSpec(Model):
    """Who understands what they noticed."""

    content_share: Share = Field(
        0.95, description="assumption: people who understand a message in their language (range 0.8 to 0.99)"
    )
    other_language_share: Share = Field(
        0.5,
        description="assumption: of these, people who understand it although it is in no language of theirs "
        "(range 0.2 to 0.7)",
    )
    sight_share: Share = Field(
        0.85, description="assumption: of these, people with a sight disability (range 0.5 to 0.95)"
    )
    signal_share: Share = Field(
        0.5, description="assumption: people who know what to do when they hear a siren (range 0.1 to 0.8)"
    )


class TellingSpec(Model):
    """Passing on: who knows tells others."""

    informed_count: Annotated[Number, Field(ge=0, le=100)] | None = Field(
        0.5,
        description="people whom each who understood tells, mean of a Poisson number: 0.5 is fitted to the "
        "Dutch test of 2020 (assumption: range 0.3 to 2); null: goes on telling to the "
        "end, at most 1,000 people",
    )
    start_median_s: DurationS = Field(
        180, description="assumption: until somebody begins to tell others, median [s] (range 0 to 1000)"
    )
    start_sigma: Sigma = Field(
        0.9, description="assumption: standard deviation of ln(that time) (range 0.5 to 1.5)"
    )
    interval_mean_s: Number = Field(
        90,
        ge=1,
        le=1e9,
        description="assumption: from one person to the next, mean [s], exponential (range 60 to 1000)",
    )
    same_place_share: Share = Field(
        0.8, description="assumption: people of the same place among those informed (range 0.5 to 1)"
    )
    night_factor: float = Field(
        0.5,
        ge=0,
        le=1,
        description="assumption: people informed by night (22 to 6), as a part of by day (range 0.3 to 1)",
    )


class OtherSourcesSpec(Model):
    """Television, radio, officials at the door: one rate for all that the channels do not model."""

    rate_per_s: float = Field(
        1 / 3000,
        ge=0,
        le=10,
        description="assumption: rate at which people are reached [1/s] (range 0.0001 to 0.001)",
    )
    ceiling_share: Share = Field(
        0.9, description="assumption: people whom these sources can reach at all (range 0.5 to 0.97)"
    )
    start_s: DurationS = Field(
        600, description="assumption: when they begin, after the decision [s] (range 0 to 3600)"
    )


class ActingSpec(Model):
    """Protective action: who acts, and how long after they have understood."""

    acts_share: Share = Field(
        0.88,
        description="assumption: people who act at all (range 0.05 to 0.95; abstract threat 0.1, "
        "order without a visible cue 0.6, with one 0.9)",
    )
    curve: Literal["weibull", "rayleigh"] = Field(
        "weibull", description="of the delay: weibull through median and p90, or rayleigh through the median"
    )
    median_s: PositiveS = Field(
        1800, description="assumption: median delay of those who act [s] (range 300 to 7200)"
    )
    p90_s: PositiveS = Field(
        10_800, description="assumption: 90 % of them have acted by then [s] (range 3600 to 43200)"
    )

    @model_validator(mode="after")
    def _in_order(self) -> ActingSpec:
        if self.curve == "weibull" and self.p90_s <= self.median_s:
            raise ValueError("p90_s must be more than median_s")
        return self


class ResponseSpec(Model):
    """What people do with an alert: notice, understand, pass on, act. Illustrative; absent: not modelled."""

    preset: Literal["fast", "moderate", "slow"] | None = Field(
        None,
        description="an illustrative set of values for `telling.night_factor` and `acting`; keys that are "
        "given count",
    )
    noticing: NoticingSpec = NoticingSpec()
    understanding: UnderstandingSpec = UnderstandingSpec()
    telling: TellingSpec = TellingSpec()
    other_sources: OtherSourcesSpec | None = Field(
        None, description="sources besides the channels of the scenario; absent: there are none"
    )
    acting: ActingSpec = ActingSpec()

    @model_validator(mode="before")
    @classmethod
    def _from_the_preset(cls, data: Any) -> Any:
        """The preset as the keys that it stands for; a wrong one is left to its own check."""
        given = data.get("preset") if isinstance(data, dict) else None
        for part, keys in PRESETS.get(given, {}).items() if isinstance(given, str) else ():
            said = data.get(part, {})
            if isinstance(said, dict):
                data = {**data, part: {**keys, **said}}
        return data
