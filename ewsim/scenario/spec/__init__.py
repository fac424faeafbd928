"""What a scenario file may say, as frozen models. Units are in the names; behaviour is elsewhere.

Every default without a published source says `assumption:` in its description and stands in
docs/assumptions.md. Each noun has a file of its own; everything is imported from here. The keys of
channels and disturbances belong to their kinds (`ewsim.kinds`).
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from ewsim.scenario.spec.base import (
    AreaSpec,
    CircleSpec,
    DurationS,
    GeocodeSpec,
    LatLon,
    Model,
    Name,
    Path,
    PositiveS,
    Rat,
)
from ewsim.scenario.spec.disturbance import DisturbanceSpec
from ewsim.scenario.spec.groups import GroupRatioSpec
from ewsim.scenario.spec.handsets import HandsetSpec, SystemSpec
from ewsim.scenario.spec.network import (
    CoverageTargetSpec,
    NetworkSpec,
    OperatorSpec,
    SynthesisSpec,
    TransportSpec,
)
from ewsim.scenario.spec.population import ArrivalSpec, DaySpec, FlowSpec, IslandSpec, PopulationSpec
from ewsim.scenario.spec.power import BackupSpec, PowerSpec
from ewsim.scenario.spec.response import ResponseSpec
from ewsim.scenario.spec.shares import LanguageSpec
from ewsim.scenario.spec.targeting import CellChoiceSpec, GeofenceSpec, TargetingSpec

__all__ = [
    "AlertSpec",
    "AreaSpec",
    "ArrivalSpec",
    "BackupSpec",
    "CellChoiceSpec",
    "ChannelsSpec",
    "CircleSpec",
    "CoverageTargetSpec",
    "DaySpec",
    "DisturbanceSpec",
    "FlowSpec",
    "GeocodeSpec",
    "GeofenceSpec",
    "GroupRatioSpec",
    "HandsetSpec",
    "IslandSpec",
    "LanguageSpec",
    "LatLon",
    "Model",
    "NetworkSpec",
    "OperatorSpec",
    "PopulationSpec",
    "PowerSpec",
    "Rat",
    "ResponseSpec",
    "Scenario",
    "SynthesisSpec",
    "SystemSpec",
    "TargetingSpec",
    "TransportSpec",
]


class AlertSpec(Model):
    """The CAP message, and how long people and gateways take before a broadcast centre has it."""

    path: Path = Field(description="the CAP file, relative to the scenario file")
    require: Literal["parse", "schema", "spec", "deliverable"] = Field(
        "spec",
        description="a message with errors up to this layer is refused: parse (only what cannot be "
        "read), schema, spec (any error, profiles and a broken signature too), deliverable (also "
        "what the policy would not broadcast); what passes stands in the notes",
    )
    profiles: tuple[Path, ...] = Field(
        (),
        description="profiles that the message must hold too (see ewsim cap check): names such as "
        "ipaws, or YAML files relative to the scenario file",
    )
    policy: Path = Field(
        "default",
        description="who decides what may be broadcast, and as what (see ewsim cap plan): a name "
        "such as uk, or a YAML file relative to the scenario file",
    )
    trust: tuple[Path, ...] = Field(
        (),
        description="PEM files of signers or authorities, relative to the scenario file; when "
        "given, the message must be signed by one of them",
    )
    area_override: AreaSpec | None = Field(
        None, description="use this area instead of the message's own (says so in the report)"
    )
    gazetteer: Path | None = Field(
        None, description="GeoJSON of areas that geocodes name (path); see geocodes"
    )
    geocodes: dict[Name, GeocodeSpec] = Field(
        default={},
        description="for each scheme (the geocode's valueName) the property of the gazetteer that "
        "holds its values; the first scheme that an area has is read",
    )
    decision_delay_s: DurationS = Field(0, description="decision to warn until authoring begins [s]")
    authoring_delay_s: DurationS = Field(0, description="authoring and approval [s]")
    gateway: Literal["direct", "wea"] = Field(
        "direct",
        description="the way to the broadcast centres: direct (national CBC) or wea (aggregator, "
        "and a gateway at each operator); it sets operator_delay_mean_s",
    )
    gateway_median_s: DurationS = Field(
        0.5,
        description="assumption: the gateway checks and releases the message, median [s] (range 0.2 to "
        "2); lognormal, sigma 0.5",
    )
    operator_delay_mean_s: DurationS | None = Field(
        None,
        description="an operator's gateway and queue until its broadcast centre has the message, mean "
        "[s], exponential; assumption: absent: 8 with wea (5 to 12; fitted to the 13 s field "
        "median of San Diego 2019), 1 with direct (0.5 to 2; not fitted) (range 0.5 to 12)",
    )
    collection: Literal["push", "poll"] = Field(
        "push", description="the gateway pushes the message, or each operator polls for it"
    )
    poll_interval_s: PositiveS = Field(
        30.0,
        description="assumption: time between two polls [s]; the wait is uniform up to it (range 5 to 120)",
    )


class ChannelsSpec(Model):
    """The channels that carry the alert; null switches one off."""

    # Each kind of channel adds its key: `ewsim.scenario.model.scenario_model`.

    def given(self) -> dict[str, Model]:
        """The keys of each channel that is switched on, by its name."""
        return {name: spec for name, spec in self if spec is not None}


class Scenario(Model):
    """A scenario file."""

    # The kinds of channels and disturbances are added by `ewsim.scenario.model.scenario_model`.

    format: Literal["ewsim.scenario/1"]
    name: str = Field(pattern=r"^[a-z0-9_]+$", max_length=60)
    title: str = Field("", max_length=200)
    description: str = Field("", max_length=10_000)
    seed: int = Field(1, ge=0, le=2**32 - 1)
    horizon_s: float = Field(
        3600, ge=1, le=30 * 86400, description="the run ends this long after the decision [s]"
    )
    warn_earlier_s: DurationS = Field(
        0,
        description="decide so much earlier on the same day [s]: everything that happens in the world comes "
        "later after the decision by as much (a result has the times so moved, and 0 here)",
    )
    alert: AlertSpec
    network: NetworkSpec = NetworkSpec()
    population: PopulationSpec = PopulationSpec()
    targeting: TargetingSpec = TargetingSpec()
    channels: ChannelsSpec = ChannelsSpec()
    disturbances: tuple[DisturbanceSpec, ...] = ()
    response: ResponseSpec | None = Field(
        None, description="what people do with the alert; absent: not modelled. Illustrative"
    )
    arms: dict[Annotated[str, Field(pattern=r"^[a-z0-9_]+$", max_length=60)], dict[str, Any]] = Field(
        default={},
        description="named variants: each a partial scenario laid over this one "
        "(mappings merge, everything else is replaced, null switches off)",
    )
