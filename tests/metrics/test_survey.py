"""A survey beside a run: shares of the same people, and every fault of the table by its line."""

import json

import numpy as np
import pytest
from support import make_result

from ewsim.errors import DataError
from ewsim.metrics.comparison.survey import Answered, laid_over
from ewsim.result.survey import read_survey
from tests.command import called


@pytest.fixture(scope="module")
def result():
    return make_result()


def shares(result, column):
    """Reach of owners in the area by a column, counted plainly."""
    people = result.people
    mine = people[people["in_area"] & (people["operator"] != "none")]
    return {
        str(name): (rows["weight"] * rows["reached_s"].notna()).sum() / rows["weight"].sum()
        for name, rows in mine.groupby(column, observed=True)
    }


def test_the_run_beside_the_survey_is_the_share_of_owners_in_the_area(result):
    expected = shares(result, "sex")
    found = laid_over(result.ledger, [Answered("sex", name, 100, 60) for name in expected], "owners", 10)
    assert {row["value"]: row["simulated"] for row in found["rows"]} == pytest.approx(expected)
    off = [row["simulated"] - 0.6 for row in found["rows"]]
    assert found["all"]["mean_difference"] == pytest.approx(np.mean(off))
    assert found["all"]["mean_absolute_difference"] == pytest.approx(np.mean(np.abs(off)))


def test_a_survey_drawn_from_the_run_itself_lies_inside_in_nineteen_of_twenty(result):
    truth = shares(result, "sex")["female"]
    draws = np.random.default_rng(7).binomial(300, truth, 400)
    rows = [
        laid_over(result.ledger, [Answered("sex", "female", 300, int(got))], "owners", 10)["rows"][0]
        for got in draws[:60]
    ]
    assert 0.85 <= np.mean([row["inside"] for row in rows]) <= 1


def test_everybody_is_more_people_than_owners(result):
    row = [Answered("sex", "female", 10, 5)]
    people = [laid_over(result.ledger, row, of, 10)["rows"][0]["people"] for of in ("everybody", "owners")]
    assert people[0] > people[1] > 0


def test_a_table_is_read_with_places_groups_shares_and_other_spelling(result, tmp_path):
    zone = str(result.people["zone"].cat.categories[0])
    path = tmp_path / "survey.csv"
    path.write_text(
        f"group;value;asked;share\nplace;{zone.upper()};200;55%\nSex;Female;100;0.63\n", encoding="utf-8"
    )
    assert read_survey(path, result) == [Answered("zone", zone, 200, 110), Answered("sex", "female", 100, 63)]


def test_every_fault_is_named_at_its_line(result, tmp_path):
    path = tmp_path / "survey.csv"
    path.write_text(
        "group,value,asked,received\nsex,femal,100,60\nsex,male,100,101\nshoe size,43,5,1\n"
        "sex,female,many,1\nsex,male,10,5\nsex,male,10,5\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError) as caught:
        read_survey(path, result)
    found = [str(one) for one in caught.value.diagnostics]
    assert [int(text.split(":")[1]) for text in found] == [2, 3, 4, 5, 7]
    assert "Did you mean 'female'?" in found[0]
    assert "101 people got the alert of 100" in found[1]
    assert "'shoe_size' is not a group" in found[2]


@pytest.mark.parametrize(
    "text", ["", "asked,received\n5,1\n", "place,asked\nx,5\n", "place,asked,received\n"]
)
def test_a_table_that_is_no_survey_is_refused(text, result, tmp_path):
    path = tmp_path / "survey.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError):
        read_survey(path, result)


def test_the_command_prints_and_writes_a_page_and_none_of_unknown_places(result, tmp_path):
    result.save(tmp_path / "out")
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("group,value,asked,received\nsex,female,100,60\n", encoding="utf-8")
    bad.write_text("place,asked,received\nAtlantis,100,60\n", encoding="utf-8")
    done = called("survey", tmp_path / "out", good, "-o", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    assert "Of 100 people asked, 60 % got the alert." in done.stdout
    assert "Sex: female" in (tmp_path / "page.html").read_text("utf-8")
    document = json.loads(called("survey", tmp_path / "out", good, "--json").stdout)
    assert document["format"] == "ewsim.survey/1"
    done = called("survey", tmp_path / "out", bad, "-o", tmp_path / "none.html")
    assert done.returncode == 3
    assert "the run has no place 'Atlantis'" in done.stderr
    assert not (tmp_path / "none.html").exists()
