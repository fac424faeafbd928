"""A wrong number on the command line: the message names the option and what it takes."""

import re

import pytest

from ewsim.cli import run

WRONG = [
    (["run", "s.yaml", "--seed", "abc"], "--seed takes a whole number from 0 to 4294967295, not 'abc'."),
    (["run", "s.yaml", "--seed", "-1"], "--seed takes a whole number from 0 to 4294967295, not '-1'."),
    (["run", "s.yaml", "--replications", "0"], "--replications takes a whole number from 1 to 100000, not"),
    (["run", "s.yaml", "--workers", "1.5"], "--workers takes a whole number of at least 1, not '1.5'."),
    (["validate", "--seeds", "1"], "--seeds takes a whole number from 2 to 1000, not '1'."),
    (["bench", "--cells", "two"], "--cells takes a whole number of at least 6, not 'two'."),
    (["exercise", "cap", "-o", "x", "--count", "0"], "--count takes a whole number of at least 1, not '0'."),
    (["cap", "new", "flood", "--hours", "nan"], "--hours takes a number above 0, not 'nan'."),
    (["cap", "new", "flood", "--hours", "1,5"], "--hours takes a number above 0, not '1,5'."),
    (["cap", "feed", "x", "--seconds", "inf"], "--seconds takes a number above 0, not 'inf'."),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_a_wrong_number_is_refused_in_plain_words(arguments, said, capsys):
    assert run(arguments) == 2
    shown = re.sub(r"[\s│]+", " ", capsys.readouterr().err)
    assert said in shown


def test_help_states_a_range_only_where_there_is_one(capsys):
    assert run(["optimise", "--help"]) == 0
    said = capsys.readouterr().out
    assert "None" not in said.replace("[default: None]", "")
    assert "x>=1" in said
