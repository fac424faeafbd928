"""docs/nomenclature.md says what the code does: causes, columns, units, exit codes."""

import ast
import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from pydantic import BaseModel

from ewsim import errors
from ewsim.channels.cell_broadcast.false import Deceived
from ewsim.engine import benchmark_world, simulation
from ewsim.kinds import outages
from ewsim.ledger import EVENT_COLUMNS, Response, cause_names
from ewsim.population.people import AGE_BANDS, CB_LEVELS, DISABILITIES, SEXES
from ewsim.scenario import spec
from ewsim.settlement.kinds import SETTLEMENTS
from ewsim.streams import Streams
from ewsim.units import NEVER

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "nomenclature.md").read_text(encoding="utf-8")


def section(title):
    """The text under a heading."""
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]


def first_cells(title):
    """What stands in the first column of a section's tables, headings aside, word by word."""
    rows = [line.split("|")[1] for line in section(title).splitlines() if line.startswith("| `")]
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row)]


def test_the_causes_are_the_closed_list_in_its_order():
    assert first_cells("Causes") == list(cause_names())


def test_the_events_table_has_these_columns():
    assert first_cells("Events table") == list(EVENT_COLUMNS)


# Kinds that the code holds in a variable.
VARIABLES = {
    "outage": tuple(outages()),
    "kind": ("grid_lost", "grid_back"),
    "seen": ("seen_off", "seen_on"),
    "stage": ("sets_out", "waits", "arrives", "in_service", "out_of_service"),
    "said": ("accepted", "stopped"),
    "moment": ("arrives", "strongest", "leaves", "breaks"),
}


def logged():
    """Every (element, kind) that the code writes into the events table."""
    for path in (ROOT / "ewsim").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="log"), args=[ast.Constant(element), kind, *_]):
                    if isinstance(kind, ast.Name):
                        names = VARIABLES[kind.id]
                    else:
                        names = [n.value for n in ast.walk(kind) if isinstance(n, ast.Constant)]
                    for name in names:
                        yield element, name


def test_every_kind_of_event_is_listed_and_no_other():
    rows = [line.split("|")[1:3] for line in section("Events").splitlines() if "`" in line]
    words = [[re.findall(r"`([^`]+)`", cell) for cell in row] for row in rows]
    assert {(names[0], kind) for names, kinds in words for kind in kinds} == set(logged())


def test_the_people_table_has_these_columns():
    setup = benchmark_world.setup(300, 10, 1, arrivals_share=0.1)
    setup = dataclasses.replace(setup, hazard_us=np.zeros(len(setup.population.people), dtype=np.int64))
    channels = benchmark_world.channels(setup, "per_repetition", 500)
    done = simulation.simulate(setup, channels, Streams(1))
    nobody = np.full(len(setup.population.people), NEVER, dtype=np.int64)
    ledger = simulation.ledger(setup, dataclasses.replace(done, deceived=Deceived(nobody, nobody)))
    did = Response(nobody, nobody, nobody, np.full(nobody.size, -1, dtype=np.int8), ())
    frame = dataclasses.replace(ledger, response=did).people_frame()
    of_a_person, of_a_channel = section("People table").split("And for each channel")
    of_a_channel, of_broadcast = of_a_channel.split("Cell broadcast has the stages")
    expected = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", of_a_person, re.MULTILINE)
    expected = re.findall(r"\w+", " ".join(expected))
    for channel in channels:
        names = re.findall(r"^\| `(\w+)` \|", of_a_channel, re.MULTILINE)
        if channel.name == "cell_broadcast":
            names += re.findall(r"^\| `(\w+)` \|", of_broadcast, re.MULTILINE)
        expected += [f"{channel.name}_{name}" for name in names]
        assert f"`{channel.name}_`" in of_a_channel
    assert sorted(expected) == sorted(frame.columns)


def test_the_exit_codes_are_those_of_the_errors():
    rows = re.findall(r"^\| (\d+) \|", section("Exit codes"), re.MULTILINE)
    codes = {
        value.exit_code
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.EwsimError)
    }
    assert {int(row) for row in rows} == codes | {0, 129, 130, 143}


@pytest.mark.parametrize("word", [*AGE_BANDS, *CB_LEVELS[:1], *DISABILITIES, *SETTLEMENTS, *SEXES])
def test_the_values_of_groups_are_named(word):
    assert word in PAGE


def numeric_keys():
    models = [m for m in vars(spec).values() if isinstance(m, type) and issubclass(m, BaseModel)]
    for model in models:
        for name, field in model.model_fields.items():
            plain = str(field.annotation).replace("Literal[", "")
            if re.search(r"\b(int|float|Share|DurationS|PositiveS)\b", plain):
                yield name


def test_every_number_of_a_scenario_has_its_unit_in_its_name_or_is_listed_without():
    suffixes = tuple(first_cells("Units"))
    assert "_s" in suffixes
    unitless = set(re.findall(r"`([a-z_]+)`", section("Units").split("without a unit:")[1]))
    bare = {
        name
        for name in numeric_keys()
        if not name.endswith((*suffixes, "_shares", "_target")) and name not in unitless
    }
    assert not bare
