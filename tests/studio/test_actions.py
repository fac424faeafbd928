"""What pages may do: fields are looked at, roles hold, and nothing stops the server."""

import pytest

from ewsim.errors import DataError, UsageError
from ewsim.studio import actions
from ewsim.studio.given import GivenFields
from ewsim.studio.session import Asker

NASTY = [
    None,
    True,
    [],
    {},
    "x" * 5000,
    "\0",
    "\ud800",
    -1,
    1e308,
    10**400,
    float("nan"),
    [[1]],
    [[91, 0]],
    [1, 2],
]


def refuses(ask):
    with pytest.raises(UsageError) as error:
        ask()
    assert str(error.value).endswith(".")


def test_fields_give_what_they_are_asked_for():
    given = GivenFields(
        {"n": 3, "x": 0.5, "t": "é", "on": False, "p": [[1, 2]], "rows": [{"n": 1}], "no": None}
    )
    assert (given.whole("n", 0, 5), given.number("x", 0, 1), given.text("t")) == (3, 0.5, "é")
    assert (given.truth("on"), given.points("p"), given.choice("t", ["é"])) == (False, [(1.0, 2.0)], "é")
    assert given.rows("rows")[0].whole("n", 0, 1) == 1
    assert ("n" in given, "no" in given, "absent" in given) == (True, False, False)


@pytest.mark.parametrize("value", NASTY)
def test_other_fields_are_refused_with_a_sentence(value):
    given = GivenFields({"a": value})
    refuses(lambda: given.number("a", 0, 1) if value is not True else given.number("b", 0, 1))
    refuses(lambda: given.choice("a", ["b"]))
    refuses(lambda: given.points("a") if value != [] else given.points("b"))
    refuses(lambda: given.rows("a") if value != [] else given.rows("b"))
    if value is not True:
        refuses(lambda: given.truth("a"))
    refuses(lambda: given.text("a"))


def test_only_roles_that_may_do_it(session):
    lead, observer = Asker("1"), Asker("2", role="observer")
    assert "faults" not in actions.act(session, lead, "start.leave", {})
    (fault,) = actions.act(session, observer, "start.leave", {})["faults"]
    assert "observer" in fault
    (fault,) = actions.act(session, lead, "no.such", {})["faults"]
    assert "Reload" in fault
    assert actions.act(session, lead, {}, [])["faults"]


def test_a_defect_is_a_sentence_and_the_state_is_kept(session, capsys):
    actions.action("test.defect")(lambda _session, _fields: 1 / 0)
    try:
        (fault,) = actions.act(session, Asker("1"), "test.defect", {})["faults"]
    finally:
        del actions._actions["test.defect"]
    assert "ZeroDivisionError" in fault
    assert "Traceback" not in fault
    assert "Traceback" in capsys.readouterr().err
    assert session.version.scenario["name"] == "tiny"


def test_faults_name_no_folder_of_this_machine():
    within = UsageError("'/folder/x/ewsim-a1b2/land.dbf' is absent, and so is C:\\x\\.check-9f\\a.csv.")
    assert actions.sentences(within) == ["'land.dbf' is absent, and so is a.csv."]
    at = DataError.at("/folder/studio/work/cells.csv", "has no column lat.", "Add it.")
    assert actions.sentences(at) == ["cells.csv: has no column lat. Add it."]
