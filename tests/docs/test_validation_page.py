"""docs/validation.md is written from `ewsim validate`: what it says is what the models give."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from ewsim.validation import closed_forms, field, rows

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"
RENEW = "EWSIM_RENEW=1 pytest tests/docs/test_validation_page.py writes it again"
BLOCK = re.compile(r"(<!-- rows: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


@pytest.fixture(scope="module")
def found():
    return {"closed_form": list(closed_forms.rows()), "field": list(field.rows())}


def test_the_page_is_what_the_models_give(found):
    page = PAGE.read_text(encoding="utf-8")
    kinds = {match[2] for match in BLOCK.finditer(page)}
    assert kinds == {"closed_form", "calibrated", "predicted"}

    def table(match):
        part = [r for group in found.values() for r in group if r.kind == match[2]]
        return f"{match[1]}{rows.markdown(part)}\n{match[3]}"

    renewed = BLOCK.sub(table, page)
    if os.environ.get("EWSIM_RENEW"):
        PAGE.write_text(renewed, encoding="utf-8")
        page = renewed
    assert page == renewed, RENEW


def test_every_row_is_within_its_tolerance(found):
    missed = [row for group in found.values() for row in group if not row.ok]
    assert not missed, rows.text(missed)


def test_every_published_number_names_its_source_and_its_kind(found):
    numbers = field.published()
    assert all(number.source for number in numbers)
    assert {number.kind for number in numbers} == {"calibrated", "predicted"}
    assert len({number.id for number in numbers}) == len(numbers)
    assert set(field.MEASURES) >= {number.measure for number in numbers}


def test_a_wrong_model_is_missed(found):
    """The table can fail: a number that is off by twice its tolerance is not ok."""
    for group in found.values():
        for row in group:
            away = 2.5 * max(row.tolerance, 1e-6)
            sign = -1 if row.bound == "at_least" else 1
            changed = {f: getattr(row, f) for f in row.__dataclass_fields__}
            changed["simulated"] = row.published + sign * away
            changed["low"] = changed["high"] = changed["simulated"]
            assert not rows.Row(**changed).ok, row.id


@pytest.mark.parametrize(
    ("kind", "bound", "tolerance", "simulated", "ok"),
    [
        ("predicted", "", 0.02, 0.919, True),
        ("calibrated", "", 0.02, 0.919, False),
        ("predicted", "ratio", 0.25, 0.9 * 1.24, True),
        ("predicted", "ratio", 0.25, 0.9 / 1.26, False),
        ("calibrated", "ratio", 0.25, 0.9 * 1.24, False),
        ("predicted", "ratio", 0.25, 0.0, False),
    ],
)
def test_a_fitted_row_has_half_the_tolerance_and_a_ratio_is_a_factor(kind, bound, tolerance, simulated, ok):
    row = rows.Row("id", "authority", "what", "share", 0.9, simulated, 0, 1, tolerance, kind, bound)
    assert row.ok is ok
