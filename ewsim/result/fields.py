"""The parts of a result, and how they are read from its folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from ewsim.metrics import network
from ewsim.metrics.denominators import Languages
from ewsim.result import folder
from ewsim.result.squares import squares_of
from ewsim.result.tables import StoredLedger, geometry_of, targeting_of
from ewsim.scenario.model import scenario_model

_CELL_TYPES = {
    **dict.fromkeys(("cell_id", "site_id", "operator", "rat"), pa.string()),
    **dict.fromkeys(("lat", "lon", "azimuth_deg"), pa.float64()),
    "tracking_area": pa.int64(),
    "targeted": pa.bool_(),
}


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a run the same run: equal identities, equal ledgers."""

    name: str
    arm: str | None
    scenario_sha256: str
    seed: int
    version: str
    replication: int = 0


@dataclass(frozen=True, slots=True)
class AlertSummary:
    """The CAP message; what each channel sent of it is `Result.sent`."""

    identifier: str
    sender: str
    sent: str
    event: str
    headline: str
    severity: str
    urgency: str
    certainty: str
    language: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """A value without a published source: its key in the scenario, and what it stands for."""

    key: str
    value: Any
    text: str


def read_fields(path: Path, document: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a result from its folder."""
    timing = folder.read_json(path / "timing.json") if (path / "timing.json").exists() else {}
    cells = folder.read_csv(path / "cells.csv", _CELL_TYPES)
    file = path / "replications.csv"
    runs = folder.read_csv(file, {}).drop(columns="replication").astype(float) if file.exists() else None
    said = document.get("languages")
    ledger = StoredLedger.at(path, len(cells), document)
    scenario = scenario_model().model_validate(folder.read_json(path / "scenario.json"))
    return {
        "scenario": scenario,
        "identity": Identity(**document["identity"]),
        "ledger": ledger,
        "figures": None if "people" in ledger.tables else dict(document["summary"]),
        "cells": cells,
        "alert": AlertSummary(**document["alert"]),
        "area": geometry_of(document["area"]),
        "land": None if document["land"] is None else geometry_of(document["land"]),
        "notes": tuple(map(str, document["notes"])),
        "assumptions": tuple(Assumption(**a) for a in document["assumptions"]),
        "horizon_s": scenario.horizon_s,
        "timing_s": dict(timing.get("timing_s", {})),
        "replications": runs,
        "targeting": targeting_of(document["summary"].get("targeting")),
        "network": tuple(network.typed(row) for row in document["summary"].get("network", ())),
        "sent": {name: dict(sent) for name, sent in document["sent"].items()},
        # results of earlier versions say neither
        "languages": said and Languages(*(tuple(map(str, said[name])) for name in Languages._fields)),
        "advice": document.get("advice"),
        "squares": squares_of(path, document.get("squares"), len(cells)),
        "not_modelled": tuple(map(str, document.get("not_modelled", ()))),
    }
