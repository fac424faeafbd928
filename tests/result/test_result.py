"""A result's folder: the same bytes for the same run, whole or not at all, and back again."""

import errno
import json
import math
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import make_result

from ewsim.errors import DataError, RunError
from ewsim.metrics.protection.signal import SignalSquares
from ewsim.metrics.replications import headline
from ewsim.result.folder import check_output, own_digest
from ewsim.result.partitions import index_of
from ewsim.result.record import Result

FILES = ["cells.csv", "events.parquet", "people.parquet", "run.json", "scenario.json"]


@pytest.fixture(scope="module")
def result():
    return make_result()


def contents(folder):
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())}


def test_what_is_saved_is_loaded_again(result, tmp_path):
    outputs = result.save(tmp_path / "out")
    again = Result.load(tmp_path / "out")
    pd.testing.assert_frame_equal(again.people, result.people, check_dtype=False)
    pd.testing.assert_frame_equal(again.events, result.events, check_dtype=False)
    pd.testing.assert_frame_equal(again.cells, result.cells, check_dtype=False)
    for name, outcome in result.ledger.outcomes.items():
        for array in set(outcome.__slots__) - {"chain"}:
            back = getattr(again.ledger.outcomes[name], array)
            np.testing.assert_array_equal(back, getattr(outcome, array))
            assert back.dtype == getattr(outcome, array).dtype
        chain, back = outcome.chain, again.ledger.outcomes[name].chain
        assert (chain is None) == (back is None) == (name != "cell_broadcast")
        for milestone in chain.milestones if chain else ():
            np.testing.assert_array_equal(back.at_us(milestone), chain.at_us(milestone))
    for field in ("scenario", "identity", "alert", "area", "land", "notes", "assumptions"):
        assert getattr(again, field) == getattr(result, field)
    assert again.summary() == result.summary()
    assert set(outputs) == {"cells", "events", "people", "run", "scenario", "timing"}
    assert all(Path(path).is_file() for path in outputs.values())


def test_squares_of_a_map_are_read_as_they_were(result, tmp_path):
    grid = (-45.25, 15.5, 0.0125, 0.0075, 812.5, 2, 3)
    arrays = ([1, 4], [30, 7], [0, 2, 3], [0, 2, 1])
    squares = SignalSquares(*grid, *(np.array(values) for values in arrays))
    replace(result, squares=squares).save(tmp_path / "out")
    again = Result.load(tmp_path / "out").squares
    for name in SignalSquares.__slots__:
        np.testing.assert_array_equal(getattr(again, name), getattr(squares, name))


def test_categories_keep_their_order_through_the_folder(result, tmp_path):
    result.save(tmp_path / "out")
    again = Result.load(tmp_path / "out")
    for column in ("age_band", "zone", "rat"):
        old, new = result.ledger.people[column], again.ledger.people[column]
        assert list(new.cat.categories) == list(old.cat.categories)


def test_a_loaded_result_saved_again_gives_the_same_bytes(result, tmp_path):
    result.save(tmp_path / "one")
    Result.load(tmp_path / "one").save(tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_the_same_run_gives_the_same_bytes_and_another_seed_does_not(tmp_path):
    make_result(seed=4).save(tmp_path / "one")
    make_result(seed=4).save(tmp_path / "two")
    make_result(seed=5).save(tmp_path / "three")
    one, two, three = (contents(tmp_path / n) for n in ("one", "two", "three"))
    assert one == two
    assert one["people.parquet"] != three["people.parquet"]


def test_times_of_the_computer_stand_in_one_file_alone(result, tmp_path):
    import dataclasses

    result.save(tmp_path / "one")
    dataclasses.replace(result, timing_s={"country": 99.0}).save(tmp_path / "two")
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert {name for name in one if one[name] != two[name]} == {"timing.json"}


def test_replications_come_back(tmp_path):
    rows = pd.DataFrame([headline(make_result(seed=s).ledger) for s in (1, 2, 3)])
    make_result(replications=rows).save(tmp_path / "out")
    again = Result.load(tmp_path / "out").replications
    pd.testing.assert_frame_equal(again, rows.astype(float))


def test_an_existing_result_is_kept_unless_forced(result, tmp_path):
    result.save(tmp_path / "out")
    before = contents(tmp_path / "out")
    with pytest.raises(RunError, match="--force"):
        make_result(seed=9).save(tmp_path / "out")
    with pytest.raises(RunError, match="-o"):
        check_output(tmp_path / "out")
    assert contents(tmp_path / "out") == before
    make_result(seed=9).save(tmp_path / "out", force=True)
    assert Result.load(tmp_path / "out").identity.seed == 9
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_force_does_not_replace_what_is_no_result(result, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(RunError, match="not a result"):
        result.save(tmp_path / "photos", force=True)
    assert (tmp_path / "photos" / "holiday.jpg").read_bytes() == b"x"


@pytest.mark.parametrize("fault", [KeyboardInterrupt, ValueError, OSError(28, "No space left")])
def test_a_run_that_breaks_off_while_writing_leaves_nothing(result, tmp_path, fault):
    def page(_, path):
        path.write_text("half")
        raise fault

    expected = RunError if isinstance(fault, OSError) else fault
    with pytest.raises(expected):
        result.save(tmp_path / "out", pages={"report.html": page})
    assert [p.name for p in tmp_path.iterdir()] == []


def test_a_full_disk_is_said_in_the_words_of_the_system(result, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: [errno 28]")  # as pyarrow says it

    monkeypatch.setattr("ewsim.result.folder.pq.write_table", full)
    with pytest.raises(RunError, match=r"out cannot be written: No space left on device\. Make room"):
        result.save(tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_run_that_breaks_off_leaves_the_old_result(result, tmp_path):
    result.save(tmp_path / "out")
    before = contents(tmp_path / "out")

    def page(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_result(seed=9).save(tmp_path / "out", force=True, pages={"report.html": page})
    assert contents(tmp_path / "out") == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_page_is_written_with_the_folder_and_named(result, tmp_path):
    outputs = result.save(
        tmp_path / "out", pages={"report.html": lambda r, path: path.write_text(r.identity.name)}
    )
    assert (tmp_path / "out" / "report.html").read_text() == "made_up"
    assert outputs["report"] == str(tmp_path / "out" / "report.html")


def test_a_folder_that_cannot_be_made_is_refused_before_the_run(tmp_path):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "out"):
        with pytest.raises(RunError, match="-o"):
            check_output(path, force=True)
    with pytest.raises(RunError, match="cannot be written"):
        make_result().save("/proc/ewsim/out")


@pytest.mark.parametrize("name", ["run.json", "people.parquet", "scenario.json", "cells.csv"])
def test_a_damaged_folder_is_named_and_not_read(result, tmp_path, name):
    result.save(tmp_path / "out")
    (tmp_path / "out" / name).write_bytes(b"\x00garbage")
    with pytest.raises(DataError) as error:
        Result.load(tmp_path / "out")
    assert str(tmp_path / "out") in str(error.value)


def test_a_missing_table_and_a_missing_folder_are_named(result, tmp_path):
    with pytest.raises(DataError, match="not a result"):
        Result.load(tmp_path)
    result.save(tmp_path / "out")
    (tmp_path / "out" / "cells.csv").unlink()
    with pytest.raises(DataError, match=r"cells\.csv"):
        Result.load(tmp_path / "out")


@pytest.mark.parametrize("number", [1, 9])  # the one before ours is read
def test_a_folder_of_another_format_says_who_wrote_it_and_to_run_it_again(number, result, tmp_path):
    result.save(tmp_path / "out")
    path = tmp_path / "out" / "run.json"
    document = json.loads(path.read_text())
    document["identity"]["version"] = "0.0.7"
    path.write_text(json.dumps({**document, "format": f"ewsim.result/{number}"}))
    with pytest.raises(DataError) as error:
        Result.load(tmp_path / "out")
    assert f"'ewsim.result/{number}' (written by ewsim 0.0.7)" in str(error.value)
    assert "Run the scenario again" in str(error.value)


@pytest.mark.parametrize("identity", [{}, {"version": None}, None, "x", []])
def test_a_folder_of_another_format_need_not_say_who_wrote_it(identity, result, tmp_path):
    result.save(tmp_path / "out")
    path = tmp_path / "out" / "run.json"
    path.write_text(json.dumps({"format": "ewsim.result/1", "identity": identity}))
    with pytest.raises(DataError, match=r"'ewsim\.result/1', and this version reads"):
        Result.load(tmp_path / "out")


def test_the_folder_can_be_read_by_others_as_the_umask_says(result, tmp_path):
    result.save(tmp_path / "out")
    plain = tmp_path / "plain"
    plain.mkdir()
    assert (tmp_path / "out").stat().st_mode == plain.stat().st_mode


def test_the_tables_and_the_notebook(result):
    assert result.reach.groupby("channel")["share"].max().between(0, 1).all()
    missed = result.causes["people"].sum()
    assert missed + result.summary()["reach"]["people"] == result.summary()["in_area"]
    assert result.by_group("sex")["people"].sum() == result.summary()["in_area"]
    html = make_result(title="<b>&")._repr_html_()
    assert "&lt;b&gt;&amp;" in html
    assert "People in the alert area" in html
    assert "An island and a cyclone" in result.text()


# --- folders that were changed --------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "out"
    make_result(people=300).save(path)
    return path


def _keys(value, way=()):
    yield way
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _keys(inner, (*way, name))


def test_no_change_of_run_json_is_a_defect_of_ours(saved, tmp_path):
    document = json.loads((saved / "run.json").read_text())
    ways = [way for way in _keys(document) if way and (way[0] != "summary" or len(way) == 2) and len(way) < 4]
    refused = 0
    copy = tmp_path / "out"
    shutil.copytree(saved, copy)
    nasties = (math.inf, -1, None, "x", [], {})
    for at, way in enumerate(ways):
        for nasty in (nasties[at % 6], nasties[(at + 1) % 6]):
            changed = json.loads((saved / "run.json").read_text())
            inner = changed
            for name in way[:-1]:
                inner = inner[name]
            inner[way[-1]] = nasty
            (copy / "run.json").write_text(json.dumps(changed))
            try:
                Result.load(copy).text()
            except DataError:
                refused += 1
    assert refused > len(ways) / 2


@pytest.mark.parametrize("nasty", ["x", -5, 1e300, math.inf, math.nan, None])
@pytest.mark.parametrize("name", ["people.parquet", "events.parquet", "cells.csv"])
def test_no_change_of_a_table_is_a_defect_of_ours(saved, tmp_path, name, nasty):
    copy = tmp_path / "out"
    shutil.copytree(saved, copy)
    read, write = (pd.read_csv, "to_csv") if name.endswith("csv") else (pd.read_parquet, "to_parquet")
    table = read(saved / name)
    for column in table.columns:
        changed = table.drop(columns=column) if nasty is None else table.assign(**{column: nasty})
        getattr(changed, write)(copy / name, index=False)
        with suppress(DataError):
            Result.load(copy).text()


def test_people_who_were_removed_are_missed(saved, tmp_path):
    copy = tmp_path / "out"
    shutil.copytree(saved, copy)
    pd.read_parquet(saved / "people.parquet").iloc[:-20].to_parquet(copy / "people.parquet")
    with pytest.raises(DataError, match=r"people\.parquet: is damaged or was changed: it has 280 rows"):
        Result.load(copy)


@pytest.mark.parametrize("column", ["sex", "language", "settlement"])
def test_groups_that_were_changed_are_noticed(saved, tmp_path, column):
    copy = tmp_path / "out"
    shutil.copytree(saved, copy)
    people = pd.read_parquet(saved / "people.parquet")
    changed = people.assign(**{column: people[column].iloc[::-1].to_numpy()})
    changed[column] = changed[column].astype(people[column].dtype)
    changed.to_parquet(copy / "people.parquet")
    with pytest.raises(DataError, match=r"people\.parquet is not as the run wrote it"):
        Result.load(copy).summary()


def test_names_in_the_table_of_cells_are_no_formulas(tmp_path):
    result = make_result(people=100)
    names = ["=cmd()", "+1", "-A", "@x", "'quoted", "plain"]
    cells = result.cells.assign(site_id=(names * len(result.cells))[: len(result.cells)])
    replace(result, cells=cells).save(tmp_path / "out")
    text = (tmp_path / "out" / "cells.csv").read_text()
    assert "'=cmd()" in text
    assert ",=" not in text
    assert list(Result.load(tmp_path / "out").cells["site_id"]) == list(cells["site_id"])


@pytest.mark.parametrize("nasty", [math.nan, 1e300])
@pytest.mark.parametrize("column", ["lat", "lon"])
def test_positions_that_are_none_are_a_changed_result(saved, tmp_path, column, nasty):
    copy = tmp_path / "out"
    shutil.copytree(saved, copy)
    people = pd.read_parquet(saved / "people.parquet").assign(**{column: nasty})
    people.to_parquet(copy / "people.parquet")
    document = json.loads((copy / "run.json").read_text())
    document["tables"] = index_of(copy)
    document["sha256"] = own_digest(document)  # whoever changes a file can change its digest
    (copy / "run.json").write_text(json.dumps(document))
    for asked in (lambda result: result.ledger, lambda result: result.summary()):
        with pytest.raises(DataError, match=f"people.parquet: .*{column} has values out of range"):
            asked(Result.load(copy))


@pytest.mark.parametrize(
    ("way", "value"),
    [(("identity", "version"), "9.9.9"), (("summary", "reach", "share"), 1.0), (("notes",), ["all is well"])],
)
def test_a_run_json_that_somebody_edited_is_refused(way, value, saved, tmp_path):
    copy = tmp_path / "out"
    shutil.copytree(saved, copy)
    path = copy / "run.json"
    document = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(document, indent=4), "utf-8")  # another layout is no edit
    Result.load(copy)
    inner = document
    for name in way[:-1]:
        inner = inner[name]
    inner[way[-1]] = value
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(DataError, match=r"run\.json is not as the run wrote it"):
        Result.load(copy)
