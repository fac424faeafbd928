"""The report as a PDF: tagged, with an outline and few pages; and a clear word where nothing can print."""

import re

import pytest
from support import make_result

from ewsim import report
from ewsim.cli import run
from ewsim.report import pdf
from ewsim.report.pdf import pages_of
from ewsim.report.speech import speech_of


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
    printed = path.read_bytes()
    assert printed.startswith(b"%PDF")
    for part in (b"/StructTreeRoot", b"/Outlines", b"/Lang (en)"):
        assert part in printed, part
    assert 4 <= len(re.findall(rb"/Type /Page\b", printed)) <= 8
    assert not (folder / "report.html").exists()
    pages = pages_of(printed)
    assert pages["answer"] == 1
    assert pages["who"] == 2
    assert [*pages.values()] == sorted(pages.values())
    assert pages["assumptions"] == max(pages.values()) > 2
    html = report.render(make_result(), speech_of("ar"))
    assert pages_of(pdf._printed(html)).keys() >= set(re.findall(r'data-page="([^"]+)"', html))


def test_the_numbers_of_the_contents_are_those_of_the_first_print(monkeypatch):
    """Both prints are made here without a browser: the first as Chromium writes it, the second is kept."""
    first = (
        b"%PDF-1.4\n1 0 obj\n<</Type /Page>>\nendobj\n2 0 obj\n<</Type /Page>>\nendobj\n"
        b"3 0 obj\n<</Type /Pages\n/Kids [4 0 R 2 0 R]>>\nendobj\n4 0 obj\n<</Kids [1 0 R]>>\nendobj\n"
        b"5 0 obj\n<</a [1 0 R /XYZ 0 9 0]\n/b-c [2 0 R /XYZ 0 9 0]\n/d [9 0 R /XYZ]>>\nendobj\n"
        b"6 0 obj\n<</Type /Catalog\n/Pages 3 0 R\n/Dests 5 0 R>>\nendobj\n"
    )
    printed = []
    monkeypatch.setattr(pdf, "_printed", lambda html: printed.append(html) or first)
    line = '<span data-page="{}">{}</span>'
    pdf.print_pdf("".join(line.format(name, "") for name in ("a", "b-c", "d")))
    assert printed[1] == line.format("a", 1) + line.format("b-c", 2) + line.format("d", "")
    pdf.print_pdf("no contents")
    assert len(printed) == 3
    assert pdf.pages_of(b"%PDF of another program") == {}


@pytest.mark.heavy
def test_without_a_browser_the_command_says_what_to_install(folder, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(folder))
    assert run(["report", str(folder), "--pdf", "-o", str(folder / "none.pdf")]) == 5
    said = capsys.readouterr().err
    assert "Chromium" in said
    assert "print it" in said
    assert not (folder / "none.pdf").exists()
