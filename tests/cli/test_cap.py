"""`ewsim cap`: what each command prints, refuses and exits with."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ewsim.cap.catalogue import RULES, THREAD_RULES
from ewsim.cap.validator import validate
from ewsim.cli import run as ewsim

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "cap_samples"
GOOD, BAD = SAMPLES / "good", SAMPLES / "bad"
CA = ROOT / "tests" / "cap" / "test_ca"
NEEDS = {
    "sign": ["--key", str(CA / "signer.key"), "--cert", str(CA / "signer.pem")],
    "feed": ["-o", "alerts"],
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(capsys, *arguments):
    """Exit code, standard output, standard error."""
    code = ewsim(["cap", *map(str, arguments)])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out, said.err


EARLIER = "a@b,1,2026-01-01T00:00:00-00:00"
COMMANDS = ("check", "fix", "show", "plan", "thread", "feed", "sign")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_that_is_not_there_is_named(command, capsys, folder):
    code, out, err = call(capsys, command, "none.xml", *NEEDS.get(command, []))
    assert (code, out) == (3, "")
    assert err == "none.xml: cannot be read: No such file or directory. Check the path.\n"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["XML-SYNTAX", "XML-DOCTYPE", "XML-LIMIT"])
def test_what_is_no_xml_is_refused_at_its_line(command, name, capsys, folder):
    path = BAD / f"{name}.xml"
    code, out, err = call(capsys, command, path, *NEEDS.get(command, []))
    assert code == 4
    reported = out if command == "check" else err
    assert f"{path}:" in reported
    assert name in reported or command == "feed"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("command", ["show", "plan"])
def test_with_trust_only_what_was_signed_is_read(command, capsys):
    folder = SAMPLES / "signed"
    trust = ["--trust", folder / "ca.pem"]
    plain = call(capsys, command, folder / "trusted_with_ca.xml")
    code, out, _ = call(capsys, command, folder / "trusted_with_ca.xml", *trust)
    assert code == plain[0] == 0
    assert out.splitlines()[3:] == plain[1].splitlines()[3:]
    for name, says in (("broken_wrapped", "SIGNATURE-SCOPE"), ("unsigned", "is not signed")):
        code, out, err = call(capsys, command, folder / f"{name}.xml", *trust)
        assert (code, out) == (4, "")
        assert says in err


@pytest.mark.parametrize("command", ["fix", "show", "plan", "sign"])
def test_standard_input_is_taken(command, capsys, monkeypatch):
    source = (GOOD / "STRUCT-ORDER.xml").read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(source)))
    assert call(capsys, command, "-", *NEEDS.get(command, []))[0] == 0


def test_nothing_that_is_there_is_overwritten_without_force(capsys, folder):
    alert = GOOD / "DT-UTC.xml"
    taken = folder / "taken.xml"
    writes = {"new": ["flood"], "fix": [BAD / "DT-UTC.xml"], "sign": [alert, *NEEDS["sign"]], "show": [alert]}
    for command, arguments in writes.items():
        path = taken.with_suffix(".html") if command == "show" else taken
        path.write_text("mine")
        code, _, err = call(capsys, command, *arguments, "-o", path)
        assert (code, path.read_text()) == (2, "mine"), command
        assert "--force" in err
        assert call(capsys, command, *arguments, "-o", path, "--force")[0] == 0
        assert path.read_text() != "mine"
    assert {p.name for p in folder.iterdir()} == {"taken.xml", "taken.html"}


@pytest.mark.parametrize(
    ("name", "show", "plan"),
    [
        ("unsigned", "", True),
        ("trusted_with_ca", "signed and intact; ewsim cap check --trust says whether", True),
        ("broken", "THE SIGNATURE IS BROKEN", False),
    ],
)
def test_a_broken_signature_is_never_passed_over(name, show, plan, capsys, folder):
    path = SAMPLES / "signed" / f"{name}.xml"
    assert call(capsys, "show", path)[1].splitlines()[2].startswith(show)
    assert call(capsys, "show", path, "-o", "a.html")[0] == 0
    page = (folder / "a.html").read_text(encoding="utf-8")
    assert ("BROKEN" in page) is (name == "broken")
    document = json.loads(call(capsys, "plan", path, "--json")[1])
    assert document["broadcast"] is plan
    assert document["signature"] == {"trusted_with_ca": "intact"}.get(name, name)


def test_a_file_of_several_alerts_is_sent_to_the_command_that_parts_them(capsys, folder):
    alert = (GOOD / "DT-UTC.xml").read_text(encoding="utf-8").partition("?>")[2]
    Path("two.xml").write_text(f"<feed>{alert}{alert.replace('dt-utc', 'b')}</feed>")
    code, _, err = call(capsys, "show", "two.xml")
    assert (code, "ewsim cap feed FILE -o FOLDER" in err) == (4, True)
    assert call(capsys, "feed", "two.xml", "-o", "parts")[0] == 0
    assert [call(capsys, "show", path)[0] for path in Path("parts").iterdir()] == [0, 0]


def test_a_time_without_an_offset_is_nobodys_time(capsys):
    for command in ("check", "plan", "thread"):
        code, out, err = call(capsys, command, GOOD / "DT-UTC.xml", "--at", "2026-05-01T10:00:00")
        assert (code, out) == (2, "")
        assert "has no offset" in err


def test_a_name_of_several_lines_stays_in_its_row(capsys, folder):
    text = (GOOD / "DT-UTC.xml").read_text(encoding="utf-8")
    Path("a.xml").write_text(text.replace("<identifier>", "<identifier>\nx\n\n"))
    lines = call(capsys, "thread", "a.xml")[1].splitlines()
    assert len(lines) == 4
    assert lines[-1].endswith("x sample.dt-utc.good")


# --- check ----------------------------------------------------------------------------------------


def test_check_quotes_the_line_and_says_what_is_asked(capsys):
    code, out, err = call(capsys, "check", BAD / "WEB-ABSOLUTE.xml")
    assert (code, err) == (4, "")
    place, quote, caret, asks, fix, verdict = out.splitlines()
    assert place.endswith("error: <web> is 'surge/today.html', not an absolute URI.")
    assert quote[caret.index("^") :].startswith("surge/today.html")
    assert asks == "  <web> is a full, absolute URI. [WEB-ABSOLUTE 3.2.2]"
    assert fix.startswith("  Write it with https://")
    assert "specification fail" in verdict


def test_check_takes_folders_and_counts(capsys):
    code, out, _ = call(capsys, "check", GOOD, "--trust", SAMPLES / "signed" / "ca.pem")
    assert code == 0
    assert out.splitlines()[-1].endswith("files, 0 with errors")
    code, out, _ = call(capsys, "check", BAD, "--format", "json", "--profile", "auto")
    document = json.loads(out)
    assert code == 4
    assert document["format"] == "ewsim.cap_check/1"
    found = [f for file in document["files"] for f in file["findings"]]
    assert all(f["requires"] and f["message"] and f["rule"] for f in found)


def test_check_of_every_bad_sample_as_sarif_has_what_sarif_requires(capsys):
    """SARIF 2.1.0, 3.13, 3.14, 3.27 and 3.49: what a run, its tool and its results must have."""
    code, out, _ = call(capsys, "check", *sorted(BAD.iterdir()), "--format", "sarif")
    log = json.loads(out)
    assert code == 4
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert len(run["results"]) > 100
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["level"] in ("error", "warning", "note")
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].endswith((".xml", ".gz"))
        region = place.get("region", {"startLine": 1, "startColumn": 1})
        assert min(region["startLine"], region["startColumn"]) >= 1


def test_check_lenient_and_profiles_change_the_exit_code(capsys):
    order = BAD / "STRUCT-ORDER.xml"
    assert call(capsys, "check", order)[0] == 4
    assert call(capsys, "check", order, "--lenient")[0] == 0
    digits = BAD / "IPAWS-GEOCODE-DIGITS.xml"
    assert call(capsys, "check", digits)[0] == 0
    assert call(capsys, "check", digits, "--profile", "ipaws")[0] == 4
    assert call(capsys, "check", digits, "--profile", "auto")[0] == 4


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Name files or folders"),
        (["a.xml", "--profile", "nope"], "There is no profile 'nope'"),
        (["a.xml", "--policy", "nope"], "There is no policy 'nope'"),
        (["a.xml", "--at", "soon"], "'soon' is not a time"),
        (["a.xml", "--trust", "a.xml"], "a.xml has no certificate in PEM form."),
        (["a.xml", "--trust", "none.pem"], "none.pem: cannot be read"),
        (["empty"], "empty has no .xml"),
        (["a.xml", "--format", "yaml"], "'yaml' is not one of"),
    ],
)
def test_check_refuses_what_makes_no_sense(arguments, says, capsys, folder):
    shutil.copy(GOOD / "DT-UTC.xml", folder / "a.xml")
    (folder / "empty").mkdir()
    code, out, err = call(capsys, "check", *arguments)
    missing = "cannot be read" in says or "has no .xml" in says
    assert (code, out) == (3 if missing else 2, "")
    assert says in err


def test_check_names_everything_that_cannot_be_read_before_it_judges(capsys, folder):
    shutil.copy(GOOD / "DT-UTC.xml", folder / "a.xml")
    (folder / "empty").mkdir()
    (folder / "full").mkdir()
    (folder / "full" / "gone.xml").symlink_to("nowhere.xml")
    code, out, err = call(capsys, "check", "a.xml", "none.xml", "empty", "full", "--format", "json")
    assert (code, out) == (3, "")
    reported = err.splitlines()
    assert [line.split()[0].rstrip(":") for line in reported] == ["none.xml", "empty", "full/gone.xml"]


def test_check_quotes_the_line_of_a_file_that_cannot_be_parsed(capsys, folder):
    text = (GOOD / "DT-UTC.xml").read_text(encoding="utf-8")
    Path("a.xml").write_text(text.replace("<event>", "<event>津波 A & B "), encoding="utf-8")
    code, out, _ = call(capsys, "check", "a.xml")
    place, quote, caret, _, fix, _ = out.splitlines()
    assert code == 4
    assert place.endswith("error: Not well-formed: an & that begins no entity.")
    assert fix == "  Write &amp; for &."
    # the two characters of Japanese take two columns each
    assert caret.index("^") == quote.index("& B") + 2 + 1


def test_check_reads_standard_input_once_and_says_when_it_is_closed(capsys, monkeypatch):
    source = (GOOD / "DT-UTC.xml").read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(source)))
    code, out, _ = call(capsys, "check", "-", "-")
    assert (code, out.count("<stdin>")) == (0, 1)
    monkeypatch.setattr("sys.stdin", None)
    for command in ("check", "fix"):
        assert call(capsys, command, "-") == (2, "", "Standard input cannot be read: it is closed.\n")


@pytest.mark.parametrize("format_", ["text", "json", "sarif", "junit"])
def test_check_takes_a_file_whose_name_is_no_utf8(format_, folder):
    name = b"\xff.xml"
    shutil.copy(BAD / "STRUCT-ORDER.xml", folder / os.fsdecode(name))
    done = subprocess.run(
        [sys.executable, "-m", "ewsim", "cap", "check", name, "--format", format_],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (4, b"")
    assert b"STRUCT-ORDER" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_no_defect_of_ours(unbuffered):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ewsim", "cap", "show", GOOD / "DT-UTC.xml"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    assert (done.returncode, done.stderr) == (5, b"ewsim: No space left on device.\n")


def test_check_at_a_time_knows_what_has_expired(capsys):
    expired = BAD / "DELIVER-EXPIRED.xml"
    assert "[DELIVER-EXPIRED" not in call(capsys, "check", expired)[1]
    for at in ("2026-05-01T18:00:00-03:00", "2099-01-01T00:00:00Z"):
        assert "[DELIVER-EXPIRED" in call(capsys, "check", expired, "--at", at)[1]


# --- fix ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["STRUCT-ORDER", "POLY-CLOSED", "DT-UTC", "EMPTY-OPTIONAL", "POLY-EMPTY", "STRUCT-DATETIME"]
)
def test_fix_fixes_the_bad_sample_of_what_it_can(name, capsys, folder):
    code, out, err = call(capsys, "fix", BAD / f"{name}.xml", "-o", "fixed.xml")
    assert code == 0
    assert out.startswith("--- ")
    assert "no error is left." in err
    found = validate((folder / "fixed.xml").read_bytes(), "fixed.xml").findings
    assert [f.rule for f in found] == []


def test_fix_with_an_output_always_writes_it(capsys, folder):
    """Byte for byte when there is nothing to fix: in other encodings, signed, and with faults left."""
    latin = (GOOD / "DT-UTC.xml").read_text(encoding="utf-8").replace("UTF-8", "ISO-8859-1")
    (folder / "latin.xml").write_bytes(latin.replace("noon", "n\u00f6n").encode("latin-1"))
    paths = ("latin.xml", SAMPLES / "signed" / "trusted_with_ca.xml", BAD / "STRUCT-MISSING.xml")
    for number, path in enumerate(paths):
        code, out, err = call(capsys, "fix", path, "-o", f"{number}.xml")
        assert (code, out) == (0, "")
        assert "nothing to fix" in err
        assert err.endswith(f"{number}.xml: written, unchanged.\n")
        assert (folder / f"{number}.xml").read_bytes() == Path(path).read_bytes()
    assert call(capsys, "fix", paths[1], "-o", "0.xml")[0] == 2  # it is there already


def test_fix_leaves_decisions_and_says_so(capsys, folder):
    code, out, err = call(capsys, "fix", BAD / "STRUCT-MISSING.xml", "--write")
    assert (code, out) == (0, "")
    assert "nothing to fix" in err
    assert "1 error is left to you (STRUCT-MISSING)" in err


def test_fix_of_standard_input_is_never_written_to_a_file_called_minus(capsys, folder, monkeypatch):
    def given():
        source = (BAD / "STRUCT-ORDER.xml").read_bytes()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(source)))

    for arguments in (["-", "--write"], ["-", "-o", "-"], ["a.xml", "--write", "-o", "b.xml"]):
        given()
        assert call(capsys, "fix", *arguments)[0] == 2, arguments
    given()
    code, out, err = call(capsys, "fix", "-", "-o", "fixed.xml")
    assert code == 0
    assert out.startswith("--- <stdin>\n")
    assert err.startswith("<stdin>:")
    assert [p.name for p in folder.iterdir()] == ["fixed.xml"]


def test_fix_writes_through_a_link_and_keeps_who_may_read(capsys, folder):
    shutil.copy(BAD / "STRUCT-ORDER.xml", folder / "a.xml")
    (folder / "a.xml").chmod(0o600)
    (folder / "link.xml").symlink_to("a.xml")
    assert call(capsys, "fix", "link.xml", "--write")[0] == 0
    assert (folder / "link.xml").is_symlink()
    assert (folder / "a.xml").stat().st_mode & 0o777 == 0o600
    assert not validate((folder / "a.xml").read_bytes(), "a.xml").findings


def test_fix_does_not_break_a_signature_by_the_way(capsys, folder):
    signed = (SAMPLES / "signed" / "trusted_with_ca.xml").read_text(encoding="utf-8")
    path = folder / "signed.xml"
    changed = signed.replace("<category>Met</category>", "<category>met</category>")
    assert changed != signed
    path.write_text(changed, encoding="utf-8")
    code, out, err = call(capsys, "fix", path, "--write")
    assert (code, path.read_text(encoding="utf-8")) == (2, changed)
    assert "+    <category>Met</category>" in out
    assert "is signed" in err
    assert call(capsys, "fix", path, "--write", "--break-signature")[0] == 0
    assert path.read_text(encoding="utf-8") == signed


# --- new, show, plan ------------------------------------------------------------------------------


def test_new_lists_its_kinds_and_writes_one_that_passes(capsys, folder):
    code, out, _ = call(capsys, "new", "--list")
    kinds = {line.split()[0]: line.split()[1:] for line in out.splitlines()}
    assert code == 0
    assert set(kinds) == {
        "flood",
        "cyclone",
        "tsunami",
        "earthquake",
        "wildfire",
        "chemical",
        "exercise",
        "test",
        "cancel",
        "update",
    }
    for kind, tags in kinds.items():
        refers = ["--references", "flood.xml"] if kind in ("cancel", "update") else []
        code, _, err = call(capsys, "new", kind, "--language", "all", "-o", f"{kind}.xml", *refers)
        assert (code, err) == (0, "")
        report = validate((folder / f"{kind}.xml").read_bytes(), kind)
        assert [f for f in report.findings if f.severity != "info"] == []
        assert [info.language for info in report.alerts[0].infos] == tags


def test_new_takes_area_and_languages_from_the_file_it_refers_to(capsys, folder):
    circle = ["--circle", "15.35,-61.30 3", "--area", "Old town", "--sender", "me@example.org"]
    call(capsys, "new", "flood", "--language", "ar", "--language", "fr", *circle, "-o", "flood.xml")
    code, out, err = call(capsys, "new", "cancel", "--references", "flood.xml")
    assert (code, err) == (0, "")
    assert re.findall("<language>(.*?)<", out) == ["ar", "fr-FR"]
    assert out.count("<circle>15.35,-61.3 3</circle>") == out.count("<areaDesc>Old town<") == 2
    assert "<sender>me@example.org</sender>" in out
    code, out, _ = call(
        capsys, "new", "update", "--references", "flood.xml", "--area", "B", "--language", "en"
    )
    assert re.findall("<(?:language|areaDesc|circle)>(.*?)<", out) == ["en-US", "B", "15.35,-61.3 3"]
    code, out, _ = call(capsys, "new", "update", "--references", "flood.xml", "--circle", "1,2 3")
    assert (out.count("Old town"), out.count("<circle>1,2 3<")) == (2, 2)
    text = Path("flood.xml").read_text("utf-8").replace("fr-FR", "fi")
    Path("flood.xml").write_text(text, encoding="utf-8")
    code, out, err = call(capsys, "new", "cancel", "--references", "flood.xml")
    assert err == "warning: The template cancel has no text in fi: write that <info> yourself.\n"


def test_new_reports_an_error_once_whatever_the_number_of_languages(capsys):
    code, out, err = call(capsys, "new", "flood", "--language", "all", "--polygon", "1,2 3,4")
    assert (code, out) == (2, "")
    assert err.count("POLY-4") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Name a kind: flood, cyclone"),
        (["volcano"], "There is no template 'volcano'"),
        (["flood", "--language", "xx"], "it is in en-US"),
        (["flood", "--polygon", "1,2"], "has 1 point"),
        (["flood", "--circle", "95,0 1"], "latitude 95"),
        (["flood", "--identifier", "a b"], "holds white space"),
        (["flood", "--sent", "soon"], "is not a time"),
        (["flood", "--hours", "-1"], "--hours"),
        (["flood", "--hours", "nan"], "--hours takes a number above 0, not 'nan'"),
        (["flood", "--hours", "1e12"], "is not a time"),
        (["flood", "--sent", "9999-12-31T23:00:00Z", "--hours", "6"], "is not a time"),
        (["flood", "--area", "a\x01b"], "U+0001"),
        (["cancel"], "refers to an earlier message"),
        (["cancel", "--references", "none.xml"], "none.xml: cannot be read"),
        (["cancel", "--references", EARLIER], "--area with --polygon or --circle"),
        (["update", "--references", EARLIER, "--area", "B"], "--polygon or --circle"),
    ],
)
def test_new_refuses_what_would_be_wrong(arguments, says, capsys, folder):
    code, out, err = call(capsys, "new", *arguments)
    assert (code, out) == (3 if "cannot be read" in says else 2, "")
    assert says.casefold() in err.casefold()
    assert list(folder.iterdir()) == []


def test_show_prints_each_language_and_hides_control_characters(capsys, folder):
    text = (GOOD / "DT-UTC.xml").read_text(encoding="utf-8").replace("two metres", "two\x9b31m m")
    (folder / "a.xml").write_text(text, encoding="utf-8")
    code, out, _ = call(capsys, "show", "a.xml", "--language", "EN-gb")
    assert code == 0
    assert "two\N{REPLACEMENT CHARACTER}31m" in out
    assert "area: Harbour quarter (1 polygon)" in out
    code, _, err = call(capsys, "show", "a.xml", "--language", "fr")
    assert (code, err) == (2, "a.xml has no fr; it has en-GB.\n")
    code, _, err = call(capsys, "show", "a.xml", "-o", "a.pdf")
    assert (code, err) == (2, "a.pdf: end the name with .png or .html.\n")


def test_show_writes_a_picture_and_a_page_that_asks_nothing_of_a_network(capsys, folder):
    alert = SAMPLES / "full" / "flood_arabic.xml"
    assert call(capsys, "show", alert, "-o", "a.png")[0] == 0
    assert (folder / "a.png").read_bytes().startswith(b"\x89PNG")
    assert call(capsys, "show", alert, "-o", "a.html")[0] == 0
    page = (folder / "a.html").read_text(encoding="utf-8")
    assert '<section lang="ar" dir="rtl">' in page
    assert '<section lang="en-US" dir="ltr">' in page
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page


def test_show_escapes_what_a_message_says(capsys, folder):
    text = (GOOD / "DT-UTC.xml").read_text(encoding="utf-8")
    hostile = text.replace("two metres", "&lt;script&gt;alert(1)&lt;/script&gt;")
    hostile = hostile.replace(">en-GB<", ">en<").replace("Harbour quarter", "'&gt;&lt;img src=x&gt;")
    (folder / "a.xml").write_text(hostile, encoding="utf-8")
    assert call(capsys, "show", "a.xml", "-o", "a.html")[0] == 0
    page = (folder / "a.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img src" not in page


def test_plan_tells_what_is_sent_or_why_not(capsys):
    code, out, _ = call(capsys, "plan", GOOD / "DT-UTC.xml", "--policy", "uk")
    assert code == 0
    assert "would be broadcast" in out.splitlines()[0]
    assert "message identifier 4376 (0x1118), Severe alert" in out
    assert "1 cell broadcast page, 1 SMS part" in out
    code, out, _ = call(capsys, "plan", BAD / "DELIVER-GATE.xml")
    assert code == 0
    assert "would not be broadcast" in out
    assert "Its status is Draft" in out
    assert "Not sent; a new message with this text would be:" in out
    code, out, _ = call(capsys, "plan", SAMPLES / "threads" / "3_cancel.xml")
    assert "would stop what is on air" in out.splitlines()[0]
    assert "4397 (0x112D), EU-Alert level 4" in out
    code, out, _ = call(capsys, "plan", GOOD / "DT-UTC.xml", "--json")
    assert json.loads(out)["format"] == "ewsim.cap_plan/1"
    assert call(capsys, "plan", GOOD / "DT-UTC.xml", "--policy", "xx")[0] == 2


# --- thread, feed, sign ---------------------------------------------------------------------------


def test_thread_reads_folders_feeds_and_several_alerts_in_a_file(capsys, folder):
    code, out, err = call(capsys, "thread", GOOD / "THREAD-STALE")
    assert (code, err) == (0, "")
    assert "thread 1: 0 in force" in out
    parts = [p.read_text("utf-8").partition("?>")[2] for p in sorted((GOOD / "THREAD-STALE").iterdir())]
    (folder / "all.atom").write_text(f"<feed>{''.join(parts)}</feed>", encoding="utf-8")
    assert call(capsys, "thread", folder)[1] == out
    code, out, _ = call(capsys, "thread", GOOD / "THREAD-STALE", "--json", "--at", "now")
    document = json.loads(out)
    assert document["format"] == "ewsim.cap_threads/1"
    assert [m["state"] for m in document["threads"][0]] == ["replaced", "cancelled", "ended"]


@pytest.mark.parametrize(
    ("name", "code"), [("THREAD-IDENTIFIER", 4), ("THREAD-STALE", 0), ("THREAD-LATE", 0)]
)
def test_thread_exits_by_its_errors(name, code, capsys):
    done, out, err = call(capsys, "thread", BAD / name)
    assert done == code
    assert f"[{name}]" in err
    assert out.startswith("at 2026-05-01T")


@pytest.mark.parametrize("command", ["check", "thread"])
def test_an_empty_feed_is_the_normal_state(command, capsys, folder):
    shutil.copy(BAD / "FEED-EMPTY.xml", folder / "none.atom")
    code, out, err = call(capsys, command, "none.atom")
    assert (code, err) == (0, "")
    assert "no alert is in force" in out or "nothing is in force" in out
    assert call(capsys, command, "none.atom", GOOD / "DT-UTC.xml")[0] == 0
    if command == "thread":
        assert json.loads(call(capsys, command, "none.atom", "--json")[1])["threads"] == []


def test_thread_tells_what_it_cannot_read_and_sorts_the_rest(capsys):
    code, out, err = call(capsys, "thread", GOOD / "DT-UTC.xml", BAD / "POLY-RANGE.xml")
    assert code == 4
    assert "sample.dt-utc.good" in out
    assert "[POLY-RANGE]" in err


def test_feed_keeps_a_folder_and_names_what_it_cannot_fetch(capsys, folder):
    shutil.copy(GOOD / "DT-UTC.xml", folder / "one.xml")
    link = '<entry><link type="application/cap+xml" href="{}"/></entry>'
    feed = '<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'
    (folder / "feed.xml").write_text(feed.format(link.format("one.xml")))
    assert call(capsys, "feed", "feed.xml", "-o", "alerts")[1].startswith("new ")
    assert call(capsys, "feed", "feed.xml", "-o", "alerts")[1].startswith("known ")
    (folder / "feed.xml").write_text(
        feed.format(link.format("../none.xml") + link.format("http://127.0.0.1:9/a.xml"))
    )
    code, out, err = call(capsys, "feed", "feed.xml", "-o", "alerts")
    assert (code, out) == (4, "")
    assert "leads out of the feed's folder" in err
    assert "--allow-private" in err or "private network" in err


def test_feed_that_is_empty_is_the_normal_state(capsys, folder):
    shutil.copy(BAD / "FEED-EMPTY.xml", folder / "none.atom")
    code, out, err = call(capsys, "feed", "none.atom", "-o", "alerts")
    assert (code, out, err) == (0, "", "none.atom: the feed is empty: no alert is in force.\n")


def test_sign_and_check_again(capsys, folder):
    code, _, err = call(capsys, "sign", GOOD / "DT-UTC.xml", *NEEDS["sign"], "-o", "s.xml")
    assert (code, err) == (0, "")
    trust = ["--trust", CA / "ca.pem"]
    assert "signature pass" in call(capsys, "check", "s.xml", *trust)[1]
    assert "signature warn" in call(capsys, "check", "s.xml")[1]
    code, _, err = call(capsys, "sign", BAD / "STRUCT-ORDER.xml", *NEEDS["sign"])
    assert (code, err.partition(": ")[2]) == (0, "warning: signed with 1 error in it; see ewsim cap check.\n")
    code, _, err = call(capsys, "sign", "s.xml", *NEEDS["sign"], "-o", "t.xml")
    assert code == 4
    assert "signed already" in err
    code, _, err = call(
        capsys, "sign", GOOD / "DT-UTC.xml", "--key", CA / "stranger.key", "--cert", CA / "ca.pem"
    )
    assert (code, err) == (2, "The key does not belong to the certificate (the file's first).\n")
    code, _, err = call(
        capsys, "sign", GOOD / "DT-UTC.xml", "--key", GOOD / "DT-UTC.xml", "--cert", CA / "ca.pem"
    )
    assert code == 2
    assert "cannot be read" in err


def test_help_of_every_command_has_an_example():
    for command in ("", *COMMANDS, "new"):
        done = subprocess.run(
            [sys.executable, "-m", "ewsim", "cap", *([command] if command else []), "--help"],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0
        assert "ewsim cap " in done.stdout


def test_rules_are_explained_offline_and_wrong_names_get_the_nearest(capsys):
    code, out, _ = call(capsys, "rules", "poly-closed", "METEO")
    assert code == 0
    assert out.startswith("POLY-CLOSED: error (spec), 3.2.4;")
    assert "  Fix: Repeat the first point at the end" in out
    assert "(profiles)" in out
    code, out, _ = call(capsys, "rules", "--json")
    every = {rule["id"] for rule in json.loads(out)["rules"]}
    assert code == 0
    assert {*RULES, *THREAD_RULES} < every
    assert len(call(capsys, "rules")[1].splitlines()) == len(every)
    assert call(capsys, "rules", "POLY-CLOSD")[::2] == (
        2,
        "There is no rule 'POLY-CLOSD'. Did you mean 'POLY-CLOSED'?\n",
    )
