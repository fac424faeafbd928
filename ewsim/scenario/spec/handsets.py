"""What a scenario may say about phones."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from ewsim.scenario.spec.base import Model, PositiveS, Rat, RelativeShare, RelativeShareOrNone, Share, TimeS
from ewsim.scenario.spec.groups import OWN_PHONE_AGES, RATIOS, GroupRatioSpec
from ewsim.scenario.spec.shares import someone


class SystemSpec(Model):
    """An operating system of phones."""

    share: RelativeShare = Field(description="share of smartphones, relative to the others")
    cb_capable_share: Share = Field(description="those whose version shows warnings")


class HandsetSpec(Model):
    """Who carries which phone, and how it is set."""

    ownership_share: Share = Field(
        0.80, description="people of 10 and over with a phone (ITU Facts and Figures 2024: world)"
    )
    child_ownership_share: Share = Field(
        0.1, description="assumption: people under 10 with a phone (range 0.02 to 0.3)"
    )
    own_phone_age_years: int = Field(
        10,
        description="people from this age on are old enough for a phone of their own; reach is also given "
        "for them: 0, 10 or 18 (10: whom ITU asks about owning one, Facts and Figures 2024)",
    )
    ratios: tuple[GroupRatioSpec, ...] = Field(
        RATIOS,
        description="groups that own phones, own smartphones or have them on more or less often than "
        "others; ratios multiply, and the shares over everyone stay as stated; [] for none. "
        "Ages: INSEE Focus 259 (2021) and Pew 2021; women: ITU Facts and Figures 2024 and "
        "GSMA Mobile Gender Gap 2024; poor: Findex 2017 and Pew 2021; rural: INSEE and Pew "
        "2021. assumption: smartphones since then (75+ 0.47 to 0.78), phones on at 65 and "
        "over (0.9 to 1; that old people have theirs off more often is published, no share "
        "is), one value for each disability (0.45 to 0.93, GSMA 2020), remote as rural (0.75 "
        "to 0.97) (range [] or default)",
    )
    shared_phone_share: Share = Field(
        0.0, description="people of 10 and over without a phone who use one of their household"
    )
    rat_shares: Annotated[dict[Rat, RelativeShareOrNone], AfterValidator(someone)] = Field(
        default={"2G": 0.08, "3G": 0.12, "4G": 0.62, "5G": 0.18},
        description="best technology of the phone, relative shares; a phone can use all older ones "
        "(assumption) (range 2G 0.02 to 0.3, 5G 0.05 to 0.4)",
    )
    cb_capable_share: Share = Field(
        0.972,
        description="smartphones whose system and operator profile show warnings "
        "(Denmark: 0.684 at launch in 2023, 0.951 in 2024, 0.972 in 2025)",
    )
    cb_capable_2g_share: Share = Field(
        0.5, description="assumption: 2G phones that show warnings at all (range 0.1 to 0.9)"
    )
    cb_received_3g_share: Share = Field(
        0.333, description="3G phones that get warnings (FCC 2021: 66.7 % missed)"
    )
    systems: dict[Annotated[str, Field(pattern=r"^[a-z0-9_]+$")], SystemSpec] = Field(
        default={},
        description="operating systems by name, each with its share and its cb_capable_share, in "
        "place of cb_capable_share; absent: all alike",
    )
    operator_profile_shares: dict[str, Share] = Field(
        default={},
        description="by operator: phones whose profile of it shows warnings; an operator that is "
        "not named: all, within cb_capable_share",
    )
    level_enabled_shares: dict[
        Literal["level_2", "level_3", "level_4", "amber", "test", "exercise", "info"], Share
    ] = Field(
        default={"amber": 0.85},
        description="assumption: by level, phones with it switched on, where it is not enabled_share or "
        "test_enabled_share (range amber 0.7 to 0.93)",
    )
    dual_sim_share: Share = Field(
        0.0,
        description="assumption: smartphones with a second SIM of another operator; none, as the surveys "
        "that cb_capable_share is fitted to do not tell them apart (range 0 to 0.4)",
    )
    roaming_share: Share = Field(
        0.0, description="assumption: phones of visitors, with a SIM from abroad (range 0 to 0.1)"
    )
    visitor_roaming_share: Share = Field(
        1.0,
        description="assumption: phones of people who visit (visitors_share) with such a SIM (range 0.5 "
        "to 1)",
    )
    roaming_received_share: Share = Field(
        0.9, description="assumption: visitors' phones that show warnings here (range 0.5 to 1)"
    )
    no_sim_share: Share = Field(
        0.0,
        description="assumption: phones without a SIM; they hear broadcasts and get no SMS (range 0 to 0.02)",
    )
    wifi_only_share: Share = Field(
        0.0, description="assumption: phones on Wi-Fi only, off the network (range 0 to 0.05)"
    )
    battery_life_s: PositiveS | None = Field(
        86_400.0,
        description="assumption: how long a full battery lasts where the grid is out [s]; null: for ever "
        "(range 8 h to 48 h)",
    )
    charge_s: PositiveS = Field(
        7200, description="assumption: from empty to full when there is a supply again [s] (range 1 h to 4 h)"
    )
    charging_points_share: Share = Field(
        0.5,
        description="assumption: owners who can charge elsewhere while the grid is out: in cars, from "
        "generators, at charging points (range 0 to 0.9)",
    )
    charging_points_from_s: TimeS = Field(
        86_400, description="assumption: from when on they can, after the decision [s] (range 0 to 7 days)"
    )
    enabled_share: Share = Field(
        0.93, description="assumption: phones with levels 2, 3 and 4 switched on (range 0.8 to 0.99)"
    )
    test_enabled_share: Share = Field(
        0.03,
        description="assumption: phones with test and exercise channels switched on (range 0.005 to 0.1)",
    )
    on_share: Share = Field(
        0.97,
        description="assumption: phones on and not in flight mode at the decision (day) (range 0.9 to 0.99)",
    )
    switch_on_share: Share = Field(
        0.5, description="assumption: phones that were off and come on during the run (range 0.1 to 0.9)"
    )
    switch_on_mean_s: PositiveS = Field(
        3600, description="assumption: mean time until those come on [s], exponential (range 15 min to 4 h)"
    )

    @field_validator("own_phone_age_years")
    @classmethod
    def _edge_of_a_band(cls, years: int) -> int:
        if years not in OWN_PHONE_AGES:
            raise ValueError("must be 0, 10 or 18: people have an age group (0-9, 10-17, 18-34), not an age")
        return years


#: What `time_of_day` sets where the scenario does not say it: the hour of `day`, and phones that are on.
#: Assumption: 0.88 of phones are on from 22 to 6 o'clock (0.75 to 0.95), `handsets.on_share` by day.
