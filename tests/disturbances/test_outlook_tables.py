"""Tables of customers and sites by day: every spelling is read, every fault has its place."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from tree import ROOT

from ewsim.cli import run
from ewsim.disturbances.outlook.series import read_table
from ewsim.disturbances.outlook.values import Clock
from ewsim.errors import DataError

SHARED = ROOT.parent / "shared" / "data" / "outages" / "open-events.csv"


def table(tmp_path, text, **given):
    path = tmp_path / "customers.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    clock = Clock(datetime.fromisoformat(given.pop("passed"))) if "passed" in given else Clock()
    return read_table(path, clock, **given)


def pairs(series):
    return list(zip(series.day.tolist(), series.share.tolist(), strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "day,customers_out_share\n1,0.5\n2,0.25\n",
        "Days;Percent\n1;50\n2;25\n",
        "hours\tcustomers out share\n24\t50 %\n48\t25%\n",
        "day,customers_out,customers_total\nD1,500,1000\nday 2,200,800\n",
        "day,customers_without_mains\n1,0.5\n1.5,\n2,25%\n3,n/a\n",
        "day,out\n1,500/1000\n2,0.25\n-1,0.9\n",
        "series,day,share\ncustomers_without_mains,1,0.5\nsites_out,1,0.4\ncustomers,2,0.25\n",
        "time,share\n2024-10-10T22:00,0.5\n2024-10-11T22:00,0.25\n",
        "date,share\n2024-10-10T22:00:00+00:00,0.5\n2024-10-12T00:00+02:00,0.25\n",
    ],
)
def test_spellings_of_one_series(tmp_path, text):
    passed = "2024-10-09T22:00" + ("+00:00" if "+02:00" in text else "")
    found = table(tmp_path, text, passed=passed)
    assert pairs(found.customers) == [(1, 0.5), (2, 0.25)]
    assert not found.totals_change or "800" in text


def test_counts_of_sites_a_date_and_one_event(tmp_path):
    text = (
        "event,date,customers_out,sites_out,sites_total\n"
        "a,2024-10-11,100,50,200\nb,2024-10-11,300,10,100\nb,2024-10-12,,5,100\n"
    )
    found = table(tmp_path, text, event="B", customers_total=400, passed="2024-10-10T12:00")
    assert pairs(found.customers) == [(1, 0.75)]
    assert pairs(found.reports) == [(1, 0.1), (2, 0.05)]
    assert found.sites == 100


def test_a_share_a_little_over_one_and_another_area_are_said(tmp_path):
    found = table(tmp_path, "day,customers_out,customers_total,note\n1,1040,1000,x\n2,900,1500,y\n")
    assert pairs(found.customers) == [(1, 1.0), (2, 0.6)]
    assert found.totals_change
    said = "\n".join(map(str, found.notes))
    assert "customers.csv:2:2: warning: customers_out is 1.04 of all; taken as 1." in said
    assert "customers.csv:3:3: warning: the total of customers is 1,500 here and 1,000 in line 2." in said
    assert "not read: note." in said


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("day,share\n1,68\n", "2:2: share is '68', more than all. Write 0.68, 68 %"),
        ("day,share\n1,1.4\n", "2:2: share is '1.4', more than all."),
        ("day,percent\n1,140\n", "2:2: percent is '140 %', more than all."),
        ("day,out,total\n1,1200,1000\n", "2:2: out is '1200' of 1,000, more than all."),
        ("day,sites_out,sites_total\n1,1001,1000\n", "2:2: sites_out is '1001' of 1,000, more than all."),
        ("day,sites_out_share\n1,1.01\n", "2:2: sites_out_share is '1.01', more than all."),
        ('day,out,total\n1,"1.234",2000\n', "2:2: out is '1.234'. Write 1234."),
        ('day,out,total\n1,900,"2,000"\n', "2:3: total is '2,000'. Write 2000."),
        ("day;percent\n1;52,5 %\n", "2:2: percent '52,5' has a decimal comma. Write 52.5,"),
        ("day,share\n1,NaN%\n", "2:2: share 'NaN' is not a number."),
        ("day,share\nnan,0.5\n", "2:1: day 'nan' is not a number."),
        ("day,share\n3,0.5\n1,0.4\n", "3:1: day 1 is below day 3 of line 2. Put the rows in order of time"),
        ("date,share\n2024-13-01,0.5\n", "2:1: date is '2024-13-01', which no calendar has."),
        ("day,share\n1,-0.1\n", "2:2: share is '-0.1', below 0."),
        ("day,share\n1,abc\n", "2:2: share 'abc' is not a number."),
        ('day,out,total\n1,"1,234",2000\n', "2:2: out is '1,234'. Write 1234."),
        ("day,out,total\n1,5000,2000\n", "2:2: out is '5000' of 2,000, more than all."),
        ("day,out,total\n1,0.3,2000\n", "2:2: out is '0.3' of 2,000, a share."),
        ("day,out,total\n1,5,0\n", "2:3: total is '0', not above 0."),
        ("day,out\n1,5000\n", "2:2: out is '5000', more than all."),
        ("day,share\n1,0.5\n1,0.4\n", "3:2: day 1 is there twice with different customers, first in line 2."),
        ("date,share\n2024-10-10,0.5\n", "2:1: date is '2024-10-10', a date. Say with --passed"),
        ("date,share\n10/11/2024,0.5\n", "2:1: date is '10/11/2024', a date that has two readings."),
        ("time,share\n24,0.5\n", "2:1: time is '24', not a date. Name the column day or hours"),
        ("day,share\n1e9,0.5\n", "2:1: day is '1e9', 1e+09 days after the hazard."),
        ("day,share\ninf,0.5\n", "2:1: day"),
        ("series,day,share\nphones,1,0.5\n", "2:1: series is 'phones'."),
        (
            "event,day,share\na,1,0.5\nb,1,0.4\n",
            "3:1: the table has 2 events: a, b. Choose one with --event.",
        ),
        ("when,share\n1,0.5\n", "1:1: the table has no column of times; it has 'when', 'share'."),
        ("day,people\n1,5\n", "1:1: the table has no column of customers or sites that are off"),
        ("day,share\n", "1:1: the table has no day with a value."),
        ("day,share\n1\n", "2:1: the row has 1 value, the header 2."),
        (b"day,share\n1,\xff\n", "2:1: the line is not UTF-8."),
        ("", "the table is empty."),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path, text, fault):
    with pytest.raises(DataError) as error:
        table(tmp_path, text)
    assert fault in str(error.value)


def test_shares_in_a_column_of_percentages_are_noted_once(tmp_path):
    found = table(tmp_path, "day,percent\n0,42\n1,0.39\n2,0.2\n")
    said = [str(note) for note in found.notes]
    assert len(said) == 1
    assert "3:2: info: percent is '0.39': read as 0.39 %." in said[0]
    assert table(tmp_path, "day,percent\n0,42\n1,0.39%\n2,0\n").notes == ()


def test_every_fault_is_said_at_once(tmp_path):
    with pytest.raises(DataError) as error:
        table(tmp_path, "day,share\nx,0.5\n1,y\n2,9\n")
    assert len(error.value.diagnostics) == 3


def test_far_too_many_reports_are_refused_and_a_long_series_of_customers_is_not(tmp_path):
    rows = "".join(f"{i / 96},0.5\n" for i in range(2_000))
    assert len(table(tmp_path, "day,share\n" + rows).customers.day) == 2_000
    with pytest.raises(DataError, match=r"2,000 reports of sites off; 300 are allowed\. Give one a day\."):
        table(tmp_path, "day,sites_out_share\n" + rows)


def test_an_event_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="no event 'c'; it has a"):
        table(tmp_path, "event,day,share\na,1,0.5\n", event="c")


def test_the_command_prints_a_table_and_a_document(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("customers.csv").write_text("day,customers_out_share,sites_out_share\n1,0.6,0.4\n3,0.4,0.3\n")
    assert run(["network", "outlook", "customers.csv", "--reports-until", "1", "--access", "open"]) == 0
    said = capsys.readouterr().out
    assert "Known: customers without mains (2 days, day 1 to 3), open roads, 1 report of sites off." in said
    assert "40.0 % (used)" in said
    assert "Reports that were not used: 1." in said
    assert "this mode was off by 2.8 points on average" in said
    arguments = ["--hazard", "storm", "--json", "--days", "0.5,3", "--report", "0.5=10/20"]
    assert run(["network", "outlook", *arguments[:5]]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["format"] == "ewsim.outlook/1"
    assert [line["sites_out_share"]["median"] for line in document["days"]] == [None, None]
    assert run(["network", "outlook", *arguments]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["mode"] == "nowcast"
    assert document["days"][0]["reported_sites_out_share"] == 0.5


@pytest.mark.parametrize(
    "arguments",
    [
        ["--report", "1=52"],
        ["--report", "1=1200/1000"],
        ["--report", "1=nan"],
        ["--report", "x=0.5"],
        ["--report", "1"],
        ["--report", "-1=0.5"],
        ["--days", "1,x"],
        ["--days", "-1"],
        ["--event", "a"],
        ["--passed", "yesterday", "customers.csv"],
        ["--access", "no_damage", "--passable-day", "3"],
        ["--access", "open", "--passable-day", "20"],
        ["--hazard", "blackout", "--access", "island"],
        ["--hit", "1.5"],
        ["--hazard", "zombies"],
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    Path("customers.csv").write_text("day,share\n1,0.5\n")
    assert run(["network", "outlook", *arguments]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_file_that_is_not_there(capsys):
    assert run(["network", "outlook", "no_such.csv"]) == 3
    assert "no_such.csv" in capsys.readouterr().err


def test_the_long_table_of_open_events_is_read(capsys):
    if not SHARED.is_file():
        pytest.skip("no open-events.csv here")
    assert run(["network", "outlook", str(SHARED), "--event", "ida", "--reports-until", "0"]) == 0
    assert "the band holds 3 of 3" in capsys.readouterr().out


FIONA = "day,customers_out_share\n0,1\n0.7,0.9\n1.5,0.863\n2.5,0.796\n13.6,0.07\n18.6,0.03\n"


def test_fiona_is_as_far_off_as_the_page_says_and_the_command_warns(tmp_path, monkeypatch, capsys):
    """Puerto Rico 2022, not in the fit: 24 % of sites off on day 0.7, 8.7 % on day 11.7 (FCC)."""
    monkeypatch.chdir(tmp_path)
    Path("customers.csv").write_text(FIONA)
    asked = [
        "network",
        "outlook",
        "customers.csv",
        "--hazard",
        "storm",
        "--days",
        "0.7,11.7",
        "--sites",
        "2540",
    ]
    assert run([*asked, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    medians = [day["sites_out_share"]["median"] for day in document["days"]]
    page = (ROOT / "docs" / "guides" / "outage_outlook.md").read_text(encoding="utf-8")
    assert f"**+{100 * (medians[0] - 0.243):.0f}, +30**, +{100 * (medians[1] - 0.087):.0f} (1/3)" in page
    assert any(f"this mode says {100 * medians[0]:.0f} %" in note for note in document["notes"])
    assert run([*asked, "--report", "0.7=617/2540"]) == 0
    assert "Nearly everything is without mains" not in capsys.readouterr().out
