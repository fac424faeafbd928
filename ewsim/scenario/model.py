"""The model of a whole scenario: `Scenario` with a key for each kind of channel and disturbance.

Packages may add kinds, so the model is made when it is first asked for. The published JSON Schema
is that of the kinds that come with ewsim.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Annotated, Any, Union

from pydantic import Field, create_model

from ewsim.kinds import Kind, kinds_of
from ewsim.scenario import spec


def scenario_model(*, published: bool = False) -> type[spec.Scenario]:
    """The model of a scenario; `published`: with the kinds that come with ewsim only."""
    channels = kinds_of("channel", published=published)
    disturbances = kinds_of("disturbance", published=published)
    return _model(tuple(channels.values()), tuple(disturbances.values()))


@cache
def _model(channels: tuple[Kind, ...], disturbances: tuple[Kind, ...]) -> type[spec.Scenario]:
    keys: dict[str, Any] = {
        kind.name: (kind.spec | None, kind.spec() if kind.default_on else None) for kind in channels
    }
    every = create_model(
        "ChannelsSpec",
        __base__=spec.ChannelsSpec,
        __module__=__name__,
        __doc__=spec.ChannelsSpec.__doc__,
        **keys,
    )
    any_disturbance: Any = Annotated[
        Union[tuple(kind.spec for kind in disturbances)],  # noqa: UP007 - the types are data
        Field(discriminator="kind"),
    ]
    return create_model(
        "Scenario",
        __base__=spec.Scenario,
        __module__=__name__,
        __doc__=spec.Scenario.__doc__,
        channels=(every, every()),
        disturbances=(tuple[any_disturbance, ...], ()),
    )


def __getattr__(name: str) -> Any:
    """The models made above, by name, so that worker processes can unpickle a scenario."""
    if name == "Scenario":
        return scenario_model()
    if name == "ChannelsSpec":
        return scenario_model().model_fields["channels"].annotation
    raise AttributeError(name)


def scenario_schema() -> str:
    """The JSON Schema of scenario files, for editors: docs/schema/scenario.schema.json, byte for byte."""
    schema = scenario_model(published=True).model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "ewsim scenario"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
