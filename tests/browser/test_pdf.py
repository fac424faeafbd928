"""The report as a PDF: tagged, with an outline and few pages; and a clear word where nothing can print."""

import re

import pytest
from support import make_result

from ewsim.cli import run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("printed") / "out"
    make_result().save(folder)
    return folder


@pytest.mark.browser
@pytest.mark.heavy
@pytest.mark.usefixtures("chromium")  # skips where there is none
def test_one_command_writes_a_tagged_pdf(folder, capsys):
    assert run(["report", str(folder), "--pdf", "--force"]) == 0
    path = folder / "report.pdf"
    assert capsys.readouterr().out == f"{path}\n"
    pdf = path.read_bytes()
    assert pdf.startswith(b"%PDF")
    for part in (b"/StructTreeRoot", b"/Outlines", b"/Lang (en)"):
        assert part in pdf, part
    assert 4 <= len(re.findall(rb"/Type /Page\b", pdf)) <= 8
    assert not (folder / "report.html").exists()


@pytest.mark.heavy
def test_without_a_browser_the_command_says_what_to_install(folder, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(folder))
    assert run(["report", str(folder), "--pdf", "-o", str(folder / "none.pdf")]) == 5
    said = capsys.readouterr().err
    assert "Chromium" in said
    assert "print it" in said
    assert not (folder / "none.pdf").exists()
