"""docs/validation.md is written from `ewsim validate`: what it says is what the models give."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from ewsim.channels.cell_broadcast.spec import CellBroadcastSpec
from ewsim.channels.location_based_sms.spec import LocationBasedSmsSpec
from ewsim.scenario.spec import AlertSpec
from ewsim.validation import account, closed_forms, diffusion, field, outlook, reconstructions, rows, storms

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"
RENEW = "EWSIM_RENEW=1 pytest -m 'heavy or not heavy' tests/docs/test_validation_page.py writes it again"
BLOCK = re.compile(r"(<!-- rows: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


@pytest.fixture(
    scope="module",
    params=["closed_form", pytest.param("field", marks=pytest.mark.heavy)],  # fields take a minute and a half
)
def found(request):
    if request.param == "closed_form":
        return list(closed_forms.rows())
    return [*field.rows(), *outlook.rows(), *storms.rows(), *reconstructions.rows(), *diffusion.rows()]


def test_the_page_is_what_the_models_give(found):
    page = PAGE.read_text(encoding="utf-8")
    kinds = {match[2] for match in BLOCK.finditer(page)}
    assert kinds == {"closed_form", "calibrated", "predicted"}

    def table(match):
        part = [row for row in found if row.kind == match[2]]
        return f"{match[1]}{rows.markdown(part)}\n{match[3]}" if part else match[0]

    renewed = BLOCK.sub(table, page)
    accounts = f"<!-- accounts -->\n{account.markdown(account.accounts())}\n<!-- end -->"
    renewed = re.sub(r"<!-- accounts -->\n.*?<!-- end -->", lambda _: accounts, renewed, flags=re.DOTALL)
    if os.environ.get("EWSIM_RENEW"):
        PAGE.write_text(renewed, encoding="utf-8")
        page = renewed
    assert page == renewed, RENEW


def test_every_row_is_within_its_tolerance_or_known_to_be_missed(found):
    """A row that has come right is no longer known to be missed."""
    wrong = [row for row in found if row.ok == bool(row.known)]
    assert not wrong, rows.text(wrong)


def test_the_rows_of_the_quickest_preset_stand_on_the_page():
    """The ordinary run's look at the field; every preset is run by the heavy tests."""
    *_, first, second = rows.markdown(list(field.rows(only="att_2023"))).splitlines()
    page = PAGE.read_text(encoding="utf-8").splitlines()
    assert {first, second} <= set(page), RENEW


def test_sites_off_after_a_storm_stand_on_the_page():
    *_, first, second, third = rows.markdown(list(storms.rows(only="michael_us"))).splitlines()
    assert {first, second, third} <= set(PAGE.read_text(encoding="utf-8").splitlines()), RENEW


def test_every_published_day_has_a_row_of_its_own_and_no_id_is_there_twice():
    found = [*outlook.rows(), *storms.rows()]
    ids = [row.id for row in found]
    assert len(set(ids)) == len(ids)
    assert {f"sites_off_maria_day_{day}" for day in ("1.2", "6", "8", "15", "29")} <= set(ids)
    assert sum(name.startswith("storm_michael_us_day") for name in ids) == 8
    late = next(row for row in found if row.id == "sites_off_maria_day_29")
    assert (late.ok, late.kind, bool(late.known)) == (False, "predicted", True)


def test_the_first_days_of_a_reconstruction_stand_on_the_page(monkeypatch):
    monkeypatch.setattr(reconstructions, "_RUNS", 2)
    only = list(reconstructions.rows(only="tohoku_day"))
    assert [row.published for row in only] == [0.611, 0.255, 0.2245, 0.179, 0.0627]
    assert only[0].known
    assert all(row.ok for row in only[1:])
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"| {row.metric} | {row.authority} |" in page for row in only)


def test_without_the_scenarios_there_are_no_rows_of_them(monkeypatch, tmp_path):
    monkeypatch.setattr(reconstructions, "FOLDER", tmp_path)
    assert not list(reconstructions.rows())


def test_every_published_number_names_its_source_and_its_kind():
    numbers = field.published()
    assert all(number.source for number in numbers)
    assert {number.kind for number in numbers} == {"calibrated", "predicted"}
    assert len({number.id for number in numbers}) == len(numbers)
    assert set(field.MEASURES) >= {number.measure for number in numbers}


def test_every_calibrated_number_has_a_parameter_and_no_other_number_has_one():
    fitted = account.fitted()
    numbers = {number.id: number for number in field.published()}
    calibrated = {number.id for number in numbers.values() if number.kind == "calibrated"}
    assert {one.number for one in fitted} == calibrated
    assert all(numbers[one.number].presets[0].name == one.preset for one in fitted)


def test_a_fitted_parameter_stands_where_the_account_says():
    defaults = {
        "alert": AlertSpec,
        "cell_broadcast": CellBroadcastSpec,
        "location_based_sms": LocationBasedSmsSpec,
    }
    for one in account.fitted():
        *_, room, key = one.parameter.split(".")
        text = (field.FOLDER / f"{one.preset}.yaml").read_text(encoding="utf-8")
        if one.place == "preset":
            assert f"{key}:" in text, one
        else:
            assert f"{key}:" not in text, one
            assert "fitted" in defaults[room].model_fields[key].description, one


def test_an_account_says_figures_and_parameters():
    said = {one.preset: str(one) for one in account.accounts()}
    assert said["us_2023"] == "us_2023: 1 fitted with 1 parameter (missed_page_share); 1 predicted"
    assert said["oakland_2019"] == "oakland_2019: nothing fitted; 2 predicted"
    assert [one.preset for one in account.accounts(["dk_2024_received_18plus"])] == ["denmark"]


def test_a_wrong_model_is_missed(found):
    """The table can fail: a number that is off by twice its tolerance is not ok."""
    for row in found:
        away = 2.5 * max(row.tolerance, 1e-6)
        sign = -1 if row.bound == "at_least" else 1
        changed = {f: getattr(row, f) for f in row.__dataclass_fields__}
        changed["simulated"] = row.published + sign * away
        changed["low"] = changed["high"] = changed["simulated"]
        assert not rows.Row(**changed).ok, row.id


def test_a_row_that_is_known_to_be_missed_says_why_and_fails_nothing():
    row = rows.Row("a", "b", "what", "share", 0.5, 0.1, 0, 1, 0.2, "predicted", known="crews are too quick")
    assert rows.cells(row)[-1] == "missed, as known"
    assert rows.text([row]).endswith(
        "what: crews are too quick\n0 of 1 rows within their tolerance. Known to be missed: 1."
    )
    assert rows.document([row])["rows"][0]["known"] == "crews are too quick"


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
