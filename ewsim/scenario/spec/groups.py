"""How groups of people differ in the phones that they own, and the differences without other word."""

from typing import Literal

from pydantic import Field

from ewsim.scenario.spec.base import Model

AgeBand = Literal["0-9", "10-17", "18-34", "35-49", "50-64", "65-74", "75+"]


class GroupRatioSpec(Model):
    """What a group has beside others, as multiples; the groups named must all apply."""

    sex: Literal["female", "male"] | None = None
    age_bands: tuple[AgeBand, ...] = ()
    disability: Literal["none", "hearing", "sight", "mobility"] | None = None
    settlement: Literal["urban", "rural", "remote"] | None = None
    poverty: Literal["not_poor", "poor"] | None = None
    residence: Literal["resident", "visitor"] | None = None
    ownership_ratio: float = Field(
        1, ge=0, le=20, description="owning any phone, as a multiple of everybody else's share"
    )
    smartphone_ratio: float = Field(
        1, ge=0, le=20, description="owning a 4G or 5G phone, of those who own one"
    )
    on_ratio: float = Field(
        1, ge=0, le=20, description="having the phone on at the decision, of those who own one"
    )

    def __str__(self) -> str:
        """Only what is given: "poverty poor: ownership 0.9, smartphone 0.85"."""
        given = {
            name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set
        }
        who = [
            f"{name} {', '.join(value) if isinstance(value, tuple) else value}"
            for name, value in given.items()
            if not name.endswith("_ratio") and value
        ]
        what = [f"{name.removesuffix('_ratio')} {given[name]:g}" for name in given if name.endswith("_ratio")]
        return f"{' and '.join(who) or 'everybody'}: {', '.join(what) or 'as all'}"


def _aged(band: AgeBand, *, own: float = 1, smart: float = 1, on: float = 1) -> GroupRatioSpec:
    given = {"ownership_ratio": own, "smartphone_ratio": smart, "on_ratio": on}
    return GroupRatioSpec.model_validate(
        {"age_bands": (band,), **{name: ratio for name, ratio in given.items() if ratio != 1}}
    )


#: To people of 18 to 34, men, urban, not poor, without a disability.
RATIOS: tuple[GroupRatioSpec, ...] = (
    _aged("10-17", own=0.80),
    _aged("35-49", smart=0.99),
    _aged("50-64", own=0.97, smart=0.92),
    _aged("65-74", own=0.92, smart=0.82, on=0.98),
    _aged("75+", own=0.81, smart=0.60, on=0.95),
    GroupRatioSpec(sex="female", ownership_ratio=0.94, smartphone_ratio=0.95),
    GroupRatioSpec(poverty="poor", ownership_ratio=0.90, smartphone_ratio=0.85),
    GroupRatioSpec(settlement="rural", ownership_ratio=0.90, smartphone_ratio=0.85),
    GroupRatioSpec(settlement="remote", ownership_ratio=0.90, smartphone_ratio=0.85),
    GroupRatioSpec(disability="hearing", ownership_ratio=0.80, smartphone_ratio=0.85),
    GroupRatioSpec(disability="sight", ownership_ratio=0.80, smartphone_ratio=0.85),
    GroupRatioSpec(disability="mobility", ownership_ratio=0.80, smartphone_ratio=0.85),
)

#: Ages at which a band begins that may be that of a first phone of one's own.
OWN_PHONE_AGES = (0, 10, 18)
