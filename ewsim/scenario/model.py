"""The model of a whole scenario: `Scenario` with a key for each kind of channel and disturbance.

Packages may add kinds, so the model is made when it is first asked for. The published JSON Schema
is that of the kinds that come with ewsim.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Union

from pydantic import BaseModel, Field, create_model

from ewsim.kinds import Kind, kinds_of
from ewsim.scenario import spec
from ewsim.scenario.document import Key
from ewsim.scenario.words import ALIASES


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


#: The places of a key that are listed, and what its name may lack.
_FEW, _ENDS = 6, ("", "_s", "_m", "_share", "_count")


def elsewhere(model: type[BaseModel], keys: Sequence[Key]) -> Sequence[str]:
    """The full names of the few keys that an unknown key may mean, where it lacks the keys above it.

    Parameters
    ----------
    model
        The model of the whole document.
    keys
        The unknown key, with the keys above it that were written.
    """
    name, above = str(keys[-1]), ".".join(map(str, keys[:-1]))
    found = _places(model)
    far = found.get(ALIASES.get(name, name), ())
    if not far:
        ends = (path for end in _ENDS for path in found.get(f"{name}{end}", ()))
        starts = (path for key, paths in found.items() if key.startswith(f"{name}_") for path in paths)
        far = tuple(dict.fromkeys(path for path in (*ends, *starts) if path.startswith(above)))
    far = tuple(path for path in far if path.rpartition(".")[0] != above)
    return far if len(far) <= _FEW else ()


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def known_keys(model: type[BaseModel], keys: Sequence[Key], data: Any) -> list[str]:
    """The keys that a document may have at a path.

    Parameters
    ----------
    model
        The model of the whole document.
    keys
        The path.
    data
        The document's data, which says which kind a part is of.
    """
    schema = _schema(model)
    node: Any = schema
    for key in keys:
        data = _step(data, key)
        node = _object(schema, node, None)
        if isinstance(key, int):
            node = node.get("items") or next(iter(node.get("prefixItems", [])), {})
        else:
            node = node.get("properties", {}).get(key, node.get("additionalProperties") or {})
            node = node if isinstance(node, dict) else {}
        node = _object(schema, node, data)
    return list(_object(schema, node, data).get("properties", {}))


@cache
def _places(model: type[BaseModel]) -> Mapping[str, Sequence[str]]:
    """The full names of all keys of a document, by their last part; N is the number of an item."""
    schema, found = _schema(model), dict[str, dict[str, None]]()

    def walk(node: Any, path: str, above: tuple[str, ...]) -> None:
        if not isinstance(node, dict) or (reference := node.get("$ref", "")) in above:
            return
        if reference:
            walk(schema["$defs"][reference.rsplit("/", 1)[-1]], path, (*above, reference))
        for option in (*node.get("anyOf", ()), *node.get("oneOf", ())):
            walk(option, path, above)
        walk(node.get("items"), f"{path}N.", above)
        for name, part in node.get("properties", {}).items():
            found.setdefault(name, {})[f"{path}{name}"] = None
            walk(part, f"{path}{name}.", above)

    walk(schema, "", ())
    return {name: tuple(paths) for name, paths in found.items()}


def _step(data: Any, key: Key) -> Any:
    try:
        return data[key]
    except (KeyError, IndexError, TypeError):
        return None


def _object(schema: dict[str, Any], node: Any, data: Any) -> dict[str, Any]:
    """A part of a schema with references and choices followed."""
    while isinstance(node, dict):
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        elif "discriminator" in node:
            mapping = node["discriminator"]["mapping"]
            kind = data.get(node["discriminator"]["propertyName"]) if isinstance(data, dict) else None
            if kind not in mapping:
                return node
            node = {"$ref": mapping[kind]}
        elif "anyOf" in node:
            options = [o for o in node["anyOf"] if "$ref" in o or "properties" in o or "items" in o]
            if not options:
                return node
            node = options[0]
        else:
            return node
    return {}
