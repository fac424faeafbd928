"""Countries to begin with: a partial scenario each, in `preset_data`."""

import io
from importlib import resources
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from ewsim.scenario.model import scenario_model
from ewsim.scenario.spec import Scenario

#: Names of the presets, in the order of the help.
PRESETS = ("dense_city", "small_island_state", "least_developed", "mountainous", "archipelago")

#: What runs on a country that has no scenario: both channels, half of the grid lost. The message is
#: an exercise, which few phones would show; it is broadcast as it would be in earnest.
RUN: dict[str, Any] = {
    "channels": {
        "cell_broadcast": {"text": "full", "message_identifier": 4371},
        "location_based_sms": {"text": "headline"},
    },
    "disturbances": [{"kind": "power_loss", "at_s": -7200, "where": {"share": 0.5}}],
    "arms": {"no_outage": {"title": "The same warning on a whole network", "disturbances": []}},
}

_AS_IN_EARNEST = (
    "The message is an exercise, broadcast as in earnest (message_identifier); few phones show exercises."
)


def preset(name: str, seed: int) -> dict[str, Any]:
    """A preset as the data of a scenario; its message is `alert.xml`."""
    text = resources.files("ewsim.scenario").joinpath(f"preset_data/{name}.yaml")
    data: dict[str, Any] = YAML(typ="safe").load(text.read_text(encoding="utf-8"))
    about = f"{data.pop('description')} {_AS_IN_EARNEST}"
    head = {
        "format": "ewsim.scenario/1",
        "name": name,
        "title": data.pop("title"),
        "description": about,
        "seed": seed,
        "horizon_s": 7200,
        "alert": {"path": "alert.xml"},
    }
    return {**head, **data, **RUN}


def validated(data: dict[str, Any]) -> Scenario:
    """The data of a scenario as a model."""
    return scenario_model().model_validate(data)


def as_data(spec: Scenario) -> dict[str, Any]:
    """A scenario as the data somebody would write: what differs from the defaults."""
    return spec.model_dump(mode="json", exclude_unset=True)


def as_yaml(data: dict[str, Any]) -> str:
    """Data as YAML, in its order."""
    yaml = YAML()
    yaml.default_flow_style = None
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump({key: _block(value) for key, value in data.items()}, out)
    return out.getvalue()


def _block(value: Any) -> Any:
    """A mapping of more than two keys with a line for each, and what is in it likewise."""
    if not isinstance(value, dict) or (
        len(value) < 3 and not any(isinstance(v, dict) for v in value.values())
    ):
        return value
    lines = CommentedMap({key: _block(part) for key, part in value.items()})
    lines.fa.set_block_style()
    return lines
