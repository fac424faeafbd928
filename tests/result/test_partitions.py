"""Tables in parts: written one by one, read one by one, and noticed where one is missing or changed."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from support import make_result

from ewsim.errors import DataError, RunError
from ewsim.result import folder
from ewsim.result.partitions import index_of, write_part
from ewsim.result.record import Result
from ewsim.result.tables import StoredLedger

PARTS = 3


@pytest.fixture(scope="module")
def result():
    return make_result(people=300)


@pytest.fixture(scope="module")
def parts(result, tmp_path_factory):
    """A folder that a run filled a shard at a time."""
    path = tmp_path_factory.mktemp("parts")
    for number, rows in enumerate(np.array_split(np.arange(300), PARTS)):
        write_part(path, "people", number, result.people.iloc[rows])
    folder.write_parquet(result.events, path / "events.parquet")
    return path


def with_ledger(result, ledger, **more):
    """The result with another ledger; none of its own is asked for."""
    fields = {name: result.__dict__[name] for name in result.__dataclass_fields__ if name != "ledger"}
    return Result(**{**fields, **more}, ledger=ledger)


@pytest.fixture(scope="module")
def saved(result, parts, tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "out"
    with_ledger(result, StoredLedger.at(parts, len(result.cells))).save(path)
    return path


@pytest.fixture
def copy(saved, tmp_path):
    shutil.copytree(saved, tmp_path / "out")
    return tmp_path / "out"


def part(path, number=1):
    return path / "people.parquet" / f"part-{number:05d}.parquet"


def test_a_folder_of_parts_is_read_like_a_file(result, saved):
    pd.testing.assert_frame_equal(pd.read_parquet(saved / "people.parquet"), result.people, check_dtype=False)
    again = Result.load(saved)
    assert again.summary() == result.summary()
    pd.testing.assert_frame_equal(again.people, result.people, check_dtype=False)
    for column in ("age_band", "zone", "rat"):
        kinds = [list(one.ledger.people[column].cat.categories) for one in (again, result)]
        assert kinds[0] == kinds[1]


def test_the_index_says_what_each_part_holds(saved):
    said = json.loads((saved / "run.json").read_text())["tables"]["people"]
    assert (said["rows"], [one["rows"] for one in said["parts"]]) == (300, [100, 100, 100])
    assert said["columns"]["lat"] == "double"
    assert [one["file"] for one in said["parts"]] == [
        f"people.parquet/part-{number:05d}.parquet" for number in range(PARTS)
    ]


def test_people_are_read_when_they_are_asked_for_and_a_part_at_a_time(result, saved, monkeypatch):
    read = []
    for name in ("read_parquet", "read_groups"):
        before = getattr(folder, name)
        spy = lambda path, before=before: read.append(path.name) or before(path)  # noqa: E731
        monkeypatch.setattr(folder, name, spy)
    again = Result.load(saved)
    assert again.identity == result.identity
    assert not any("people" in name or "part-" in name or "events" in name for name in read)
    whole = next(parts := again.parts())
    assert len(whole.people) == 100
    assert read == ["events.parquet", "part-00000.parquet"]
    shown = [whole.reached_us, *(one.reached_us for one in parts)]
    np.testing.assert_array_equal(np.concatenate(shown), result.ledger.reached_us)
    assert [len(one.people) for one in result.parts()] == [300]


def test_a_large_file_is_read_a_group_of_rows_at_a_time(result, tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "GROUP_ROWS", 128)
    result.save(tmp_path / "out")
    again = Result.load(tmp_path / "out")
    assert [len(one.people) for one in again.parts()] == [128, 128, 44]
    assert again.summary() == result.summary()
    pd.testing.assert_frame_equal(again.people, result.people, check_dtype=False)


def test_a_file_that_goes_away_is_named_when_it_is_asked_for(copy):
    again = Result.load(copy)
    part(copy).unlink()
    for asked in (again.summary, lambda: again.people):
        with pytest.raises(DataError, match=r"part-00001\.parquet: cannot be read: .*No such file"):
            asked()


def test_a_table_without_rows_is_read(result, tmp_path):
    folder.write_parquet(result.people.iloc[:0], tmp_path / "none.parquet")
    (frame,) = folder.read_groups(tmp_path / "none.parquet")
    assert list(frame.columns) == list(result.people.columns)
    assert frame.empty


def test_a_loaded_folder_of_parts_saved_again_gives_the_same_bytes(saved, tmp_path):
    Result.load(saved).save(tmp_path / "again")
    files = [sorted(p.relative_to(at) for p in at.rglob("*.*")) for at in (saved, tmp_path / "again")]
    assert files[0] == files[1]
    for name in files[0]:
        if (saved / name).is_file():
            assert (saved / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


# --- a run that keeps no people -------------------------------------------------------------------


def test_a_run_without_people_has_its_figures_and_says_what_it_lacks(result, tmp_path):
    folder.write_parquet(result.events, tmp_path / "events.parquet")
    few = StoredLedger.at(tmp_path, len(result.cells))
    figures = {k: v for k, v in result.summary().items() if k not in ("timing_s", "outputs")}
    with_ledger(result, few, figures=figures).save(tmp_path / "out")
    again = Result.load(tmp_path / "out")
    assert again.summary() == result.summary()
    assert again.text() == result.text()
    pd.testing.assert_frame_equal(again.events, result.events, check_dtype=False)
    with pytest.raises(DataError, match=r"has no people\.parquet: the run kept figures"):
        _ = again.people
    path = tmp_path / "out" / "run.json"
    document = json.loads(path.read_text())
    del document["summary"]["reach"]
    path.write_text(json.dumps(document))
    with pytest.raises(DataError, match="damaged or was changed"):
        Result.load(tmp_path / "out")


# --- folders that were changed --------------------------------------------------------------------


def test_a_missing_part_is_named_before_anything_is_read(copy):
    part(copy).unlink()
    with pytest.raises(DataError, match=r"part-00001\.parquet: is missing\. Copy the folder"):
        Result.load(copy)
    shutil.rmtree(copy / "people.parquet")
    with pytest.raises(DataError, match=r"part-00000\.parquet: is missing"):
        Result.load(copy)


def test_a_part_more_is_named(copy):
    shutil.copy(part(copy), part(copy, 7))
    with pytest.raises(DataError, match=r"part-00007\.parquet: is not a part of this run"):
        Result.load(copy)


CHANGES = {
    "rows": (lambda frame: frame.iloc[:-1], "it has 99 rows, and run.json says 100"),
    "a column less": (lambda frame: frame.drop(columns="sex"), "it has no column 'sex'"),
    "a column more": (lambda frame: frame.assign(shoes=1), "it has a column 'shoes'"),
    "another type": (lambda frame: frame.assign(lat="x"), "in the column 'lat', and the run has double"),
    "another order": (lambda frame: frame[sorted(frame)], "it has its columns in another order"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_part_of_another_shape_is_named(name, result, copy):
    change, said = CHANGES[name]
    folder.write_parquet(change(result.people.iloc[100:200]), part(copy))
    with pytest.raises(DataError, match=rf"part-00001\.parquet: is damaged or was changed: .*{said}"):
        Result.load(copy)


def test_a_part_with_other_values_is_named_when_it_is_read(result, copy):
    frame = result.people.iloc[100:200]
    folder.write_parquet(frame.assign(lat=frame["lat"] + 1e-6), part(copy))
    again = Result.load(copy)
    for asked in (again.summary, lambda: again.people, lambda: list(again.parts())):
        with pytest.raises(DataError, match=r"part-00001\.parquet is not as the run wrote it"):
            asked()
    with pytest.raises((DataError, RunError), match=r"part-00001\.parquet is not as the run wrote it"):
        again.save(copy.parent / "again")


@pytest.mark.parametrize("file", ["../../secret.parquet", "/etc/passwd", "people.parquet/../run.json", 3, ""])
def test_the_index_names_files_of_its_folder_alone(file, copy):
    path = copy / "run.json"
    document = json.loads(path.read_text())
    document["tables"]["people"]["parts"][0]["file"] = file
    path.write_text(json.dumps(document))
    with pytest.raises(DataError, match=r"is not a part of people\.parquet"):
        Result.load(copy)


@pytest.mark.parametrize(
    "nasty", [None, 3, [], {}, {"people": 3}, {"people": {}}, {"events": {"parts": "x"}}]
)
def test_an_index_that_is_none_is_a_changed_result(nasty, copy):
    path = copy / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "tables": nasty}))
    with pytest.raises(DataError):
        Result.load(copy).summary()


def test_parts_that_do_not_go_together_are_refused_before_they_are_kept(result, tmp_path):
    write_part(tmp_path, "people", 0, result.people)
    write_part(tmp_path, "people", 1, result.people.drop(columns="sex"))
    with pytest.raises(RunError, match=r"does not go with the parts before it: it has no column 'sex'"):
        index_of(tmp_path)


def test_a_folder_of_the_format_before_is_read(result, tmp_path):
    result.save(tmp_path / "out")
    path = tmp_path / "out" / "run.json"
    document = json.loads(path.read_text())
    tables = document.pop("tables")
    document.pop("sha256")  # runs of the format before do not say it
    document["format"] = "ewsim.result/2"
    document["files"] |= {f"{name}.parquet": one["parts"][0]["sha256"] for name, one in tables.items()}
    path.write_text(json.dumps(document))
    assert Result.load(tmp_path / "out").summary() == result.summary()
    folder.write_parquet(result.people.iloc[::-1], tmp_path / "out" / "people.parquet")
    with pytest.raises(DataError, match=r"people\.parquet is not as the run wrote it"):
        Result.load(tmp_path / "out").summary()
