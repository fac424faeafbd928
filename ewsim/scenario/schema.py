"""The JSON Schema of scenario files, generated from the models, for editors."""

from __future__ import annotations

import json

from ewsim.scenario.spec import Scenario


def scenario_schema() -> str:
    """The schema as text; `docs/schema/scenario.schema.json` is this, byte for byte."""
    schema = Scenario.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "ewsim scenario"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
