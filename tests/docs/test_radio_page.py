"""The tables of docs/background/radio.md are what the code computes.

EWSIM_RENEW=1 writes them again.
"""

import os
import re
from pathlib import Path

import numpy as np
from path_loss import hata_db, model_db

from ewsim.network.signal import radio
from ewsim.population.camping.choice import CANDIDATES, ROAMING_CANDIDATES, SITES
from ewsim.units import RATS

PAGE = Path(__file__).parents[2] / "docs" / "background" / "radio.md"


def path_loss():
    km = np.array([0.5, 1, 5, 10, 20, 30])
    d = km * 1000
    columns = [
        model_db("RMa", 800, d, 35, line_of_sight=True),
        model_db("RMa", 800, d, 35, line_of_sight=False),
        model_db("UMa", 800, d, 25, line_of_sight=False),
        *(hata_db(800, d, 30, area) for area in ("open", "suburban", "urban")),
    ]
    for row in zip(km, *columns, strict=True):
        yield [f"{row[0]:g}", *(f"{loss:.1f}" for loss in row[1:])]


def radius():
    layers = [(rat, *radio.COVERAGE_LAYER[rat]) for rat in range(len(RATS))]
    layers += [(rat, *layer) for rat, layer in radio.CAPACITY_LAYER.items()]
    for rat, frequency, eirp in layers:
        reach = radio.reach_m(frequency, eirp, np.array([25.0, 30, 45]), rat) / 1000
        yield [
            f"{RATS[rat]}, {frequency:,.0f} MHz",
            f"{radio.THRESHOLD_DBM[rat]:g}",
            *(f"{km:.1f}" for km in reach),
        ]


def test_the_tables_are_computed():
    text = PAGE.read_text(encoding="utf-8")
    for name, rows in (("path loss", path_loss()), ("radius", radius())):
        body = "".join(f"| {' | '.join(row)} |\n" for row in rows)
        pattern = rf"(<!-- {name} -->\n\|[^\n]*\n\|[-|]+\|\n)((?:\|[^\n]*\n)*)"
        if os.environ.get("EWSIM_RENEW"):
            text = re.sub(pattern, lambda m, b=body: m[1] + b, text)
        assert re.search(pattern, text)[2] == body
    if os.environ.get("EWSIM_RENEW"):
        PAGE.write_text(text, encoding="utf-8")


def test_the_numbers_of_camping_are_those_of_the_code():
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    assert f"nearest {SITES} sites" in text
    assert f"keeps the {CANDIDATES} best cells" in text
    assert (CANDIDATES, ROAMING_CANDIDATES) == (6, 2)  # "two of the six places"
