"""`ewsim report` and `ewsim replay`: the pages of a finished run again, or a clear word why not."""

import shutil

import pytest
from support import make_result

from ewsim import report as report_page
from ewsim.cli import run
from ewsim.report.replay import page as replay_page

PAGES = {"report": report_page.render, "replay": replay_page.render}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished") / "out"
    make_result().save(folder)
    return folder


@pytest.fixture
def folder(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "out")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_written_again_is_the_page_of_the_run(page, folder, capsys):
    assert run([page, str(folder)]) == 0
    path = folder / f"{page}.html"
    assert capsys.readouterr().out == f"{path}\n"
    assert path.read_text(encoding="utf-8") == PAGES[page](make_result())


@pytest.mark.parametrize("page", PAGES)
def test_an_existing_page_is_kept_unless_forced(page, folder, capsys):
    path = folder / f"{page}.html"
    path.write_text("mine")
    assert run([page, str(folder)]) == 5
    assert "--force" in capsys.readouterr().err
    assert path.read_text() == "mine"
    assert run([page, str(folder), "--force"]) == 0
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_page_goes_where_output_says(folder, tmp_path):
    before = sorted(p.name for p in folder.iterdir())
    assert run(["replay", str(folder), "-o", str(tmp_path / "stick.html")]) == 0
    assert (tmp_path / "stick.html").stat().st_size > 10_000
    assert sorted(p.name for p in folder.iterdir()) == before


@pytest.mark.parametrize("page", PAGES)
def test_a_folder_that_is_no_run_is_named(page, tmp_path, capsys):
    for path in (tmp_path, tmp_path / "none"):
        assert run([page, str(path)]) == 3
        said = capsys.readouterr().err
        assert str(path) in said
        assert "not a result of ewsim" in said
    assert list(tmp_path.iterdir()) == []


DAMAGE = {
    "run.json": ["", "[]", "{", '{"format": "ewsim.result/9"}', '{"format": "ewsim.result/2"}'],
    "scenario.json": ["{}", "null"],
    "people.parquet": ["PAR1"],
    "events.parquet": [""],
    "cells.csv": ["", "cell_id\nx\n"],
}


@pytest.mark.parametrize(("name", "content"), [(n, c) for n, cs in DAMAGE.items() for c in cs])
def test_a_damaged_run_is_reported_and_nothing_is_written(name, content, folder, capsys):
    (folder / name).write_text(content)
    assert run(["replay", str(folder)]) == 3
    said = capsys.readouterr().err
    assert str(folder) in said
    assert "defect" not in said
    assert not (folder / "replay.html").exists()


CHANGES = [
    ('"type": "Polygon"', '"type": "Pentagon"'),
    ('"horizon_s": 3600.0', '"horizon_s": "soon"'),
    ('"horizon_s": 3600.0', '"horizon_s": -5'),
    ('"cause"', '"kause"'),
    ('"seed": 1', '"sood": 1'),
    ('"notes": [', '"notes": 3, "x": ['),
    ('"targeting": {', '"before": {'),
    ('"cell_count": 48', '"cell_count": "all"'),
    ('"area_ratio"', '"area"'),
    ('"by_operator": {', '"by_operator": 3, "x": {'),
]


@pytest.mark.parametrize(
    ("page", "old", "new"),
    [*(("replay", *change) for change in CHANGES), *(("report", *change) for change in CHANGES[::4])],
)
def test_a_changed_run_is_reported_or_read_and_never_a_defect(page, old, new, folder, capsys):
    path = folder / "run.json"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    code = run([page, str(folder)])
    said = capsys.readouterr().err
    assert code in (0, 3), said
    assert (folder / f"{page}.html").exists() == (code == 0)


def test_tables_that_do_not_belong_together_are_reported(folder, tmp_path, capsys):
    make_result(sites=3).save(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "cells.csv", folder / "cells.csv")
    assert run(["replay", str(folder)]) == 3
    assert "cells.csv" in capsys.readouterr().err
    shutil.copy(folder / "events.parquet", folder / "people.parquet")
    assert run(["report", str(folder)]) == 3
    assert "damaged" in capsys.readouterr().err


def test_an_output_that_is_a_folder_or_cannot_be_written_is_refused(folder, tmp_path, capsys):
    assert run(["report", str(folder), "-o", str(tmp_path)]) == 5
    assert "is a folder" in capsys.readouterr().err
    assert run(["report", str(folder), "-o", str(tmp_path / "no" / "r.html")]) == 5
    assert "cannot be written" in capsys.readouterr().err
