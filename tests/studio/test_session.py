"""The session: versions that are checked, saved, undone, and there again after a restart."""

import copy
import json

import pytest
from studios import TINY, alert_bytes

from ewsim.errors import DataError, ScenarioError, UsageError
from ewsim.scenario import document
from ewsim.scenario.load import load_scenario
from ewsim.studio.named import FILE_KEYS
from ewsim.studio.session import StudioSession


def changed(session, **values):
    draft = session.draft()
    draft.update(values)
    session.keep("test.change", draft)


def test_what_is_kept_is_the_file_that_the_command_line_runs(session):
    changed(session, seed=7)
    assert load_scenario(session.work.path).spec.seed == 7
    assert session.loaded().sha256 == load_scenario(session.work.path).sha256
    assert document.read(session.work.path).data == session.version.scenario


def test_undo_and_redo_walk_over_the_versions(session):
    changed(session, seed=7)
    changed(session, seed=8)
    session.go(-1)
    assert (session.version.scenario["seed"], load_scenario(session.work.path).spec.seed) == (7, 7)
    session.go(-1)
    assert session.version.scenario == TINY
    with pytest.raises(UsageError, match="nothing to undo"):
        session.go(-1)
    session.go(1)
    changed(session, seed=9)
    assert session.work.redoes is None
    with pytest.raises(UsageError, match="nothing to do again"):
        session.go(1)


def test_a_restarted_studio_is_in_the_same_state(session):
    changed(session, seed=7)
    session.keep("alert.text", session.draft(), {"alert.xml": alert_bytes() + b"\n"})
    changed(session, seed=8)
    session.go(-1)
    session.look(time_s=12.5)
    again = StudioSession(session.folder)
    again.resume()
    assert again.version == session.version
    assert again.view == {"time_s": 12.5}
    assert (again.work.undoes, again.work.redoes) == ("alert.text", "test.change")
    again.go(-2)
    assert (again.work.folder / "alert.xml").read_bytes() == alert_bytes()


def test_a_line_that_was_not_written_whole_is_no_loss(session):
    changed(session, seed=7)
    journal = session.work.folder / ".studio" / "journal"
    journal.write_bytes(journal.read_bytes() + b'{"what": "cut of')
    again = StudioSession(session.folder)
    again.resume()
    assert again.version.scenario["seed"] == 7


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\n", b"{}\n", b"[]\n", b'{"source": "x"}\n', b'{"source": "x"}\n[]\n', b"\xff\xfe\n"),
        b'{"source": "x"}\n{"what": "x", "scenario": {}, "files": {"../x": "' + b"0" * 64 + b'"}}\n',
    ],
)
def test_a_broken_journal_is_a_sentence(session, content):
    (session.work.folder / ".studio" / "journal").write_bytes(content)
    with pytest.raises(DataError, match="cannot be opened"):
        StudioSession(session.folder).open("tiny")


def test_faults_stand_at_their_keys_and_nothing_is_kept(session):
    before, revision = session.version, session.revision
    draft = session.draft()
    draft["population"]["people_count"] = -1
    draft["horizon_s"] = "soon"
    with pytest.raises(ScenarioError) as error:
        session.keep("test.change", draft)
    found = {(d.file, d.line) for d in error.value.diagnostics}
    lines = (session.work.path).read_text().splitlines()
    assert found == {
        ("scenario.yaml", 1 + next(i for i, line in enumerate(lines) if word in line))
        for word in ("people_count", "horizon_s")
    }
    assert (session.version, session.revision) == (before, revision)
    assert load_scenario(session.work.path).spec.seed == 1


def files_named(schema):
    """Every key of the schema whose text is a path: those alone have at most 1,000 characters."""
    if isinstance(schema, dict):
        for key, value in schema.get("properties", {}).items():
            if '"maxLength": 1000' in json.dumps(value) and key != "description":
                yield key
        for value in schema.values():
            yield from files_named(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from files_named(value)


def test_every_key_of_a_file_is_known():
    from ewsim.scenario.model import scenario_schema

    assert set(files_named(json.loads(scenario_schema()))) <= FILE_KEYS | {"alert"}


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("alert", "path"), "../../../etc/passwd"),
        (("alert", "policy"), "/etc/passwd"),
        (("alert", "trust"), ["/etc/passwd"]),
        (("network", "path"), "/etc/passwd"),
        (("population", "places"), "..\\secret.csv"),
        (("disturbances",), [{"kind": "flood", "path": "/etc/passwd"}]),
        (("arms",), {"other": {"network": {"land": "/etc/passwd"}}}),
    ],
)
def test_a_page_names_no_file_of_elsewhere(session, where, value):
    draft = session.draft()
    node = draft
    for key in where[:-1]:
        node = node[key]
    node[where[-1]] = copy.deepcopy(value)
    with pytest.raises(ScenarioError, match="is not a file of this work"):
        session.keep("test.change", draft)
    with pytest.raises(UsageError):
        session.keep("test.change", session.draft(), {"../x.csv": b""})
    assert session.work.undoes is None


def test_two_works_of_one_name_have_a_folder_each(session):
    session.begin(TINY, {"alert.xml": alert_bytes()})
    assert sorted(session.works()) == ["tiny", "tiny_2"]
    session.open("tiny")
    for name in ("other", "../tiny", ".", ""):
        with pytest.raises(UsageError):
            session.open(name)
