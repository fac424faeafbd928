"""The inject matrix (master scenario events list): what happens in the exercise, when, and what to do.

Its columns follow the list of FEMA's Homeland Security Exercise and Evaluation Program (2020): number,
time, description, sender, recipient, means, expected action, objective.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ewsim.errors import UsageError, count_of
from ewsim.files import spreadsheet_text
from ewsim.kinds import kinds_of, outages
from ewsim.metrics.reach import displayed_us, in_area, weights
from ewsim.metrics.words import count, duration, percent
from ewsim.report.exercise.record import Lesson
from ewsim.result.record import Result
from ewsim.units import NEVER, US

HEAD = (
    "No.",
    "Time",
    "Inject",
    "What happens",
    "From",
    "To",
    "By",
    "Expected action",
    "Objective",
    "Seconds",
)
OBJECTIVES = (
    "Decide to warn in time, with the right message.",
    "Know who is not reached, and why.",
    "Reach those people in another way.",
    "Keep the public informed until the end.",
)
_STAFF, _OPERATORS, _AUTHORITY, _ALL = "Exercise staff", "Network operators", "Warning authority", "Everybody"


@dataclass(frozen=True, slots=True)
class Inject:
    """A row of the matrix. `time_s` counts from the decision to warn [s]; `objective` from 1."""

    time_s: float
    name: str
    words: str
    sender: str
    recipient: str
    means: str
    expected: str
    objective: int


def injects_of(lesson: Lesson) -> list[Inject]:
    """Every row of an exercise, in order of time."""
    rows = [*_decision(lesson), *_disturbances(lesson.result), *_hazards(lesson.result)]
    rows += _reach(lesson.result)
    first = min(row.time_s for row in rows)
    begin = Inject(
        first - 300.0,
        "start",
        "The exercise begins. The situation is read out; the map and the files are handed out.",
        _STAFF,
        _ALL,
        "read out",
        "Read the situation. Ask what is not clear.",
        1,
    )
    end = Inject(
        float(lesson.result.horizon_s),
        "end",
        "The exercise ends.",
        _STAFF,
        _ALL,
        "read out",
        "Talk about it at once: what went well, what did not, what to change.",
        4,
    )
    return [begin, *sorted(rows, key=lambda row: row.time_s), end]


def clock(time_s: float) -> str:
    """A time from the decision to warn: "T+1:05", "T-2:00"; hours and minutes."""
    hours, minutes = divmod(round(abs(time_s) / 60), 60)
    return f"T{'-' if time_s < 0 and (hours or minutes) else '+'}{hours}:{minutes:02d}"


def _decision(lesson: Lesson) -> list[Inject]:
    wrong = [str(n) for n, file in enumerate(lesson.files, 1) if file.title]
    refuse = f" Files {', '.join(wrong)} are wrong; say why." if wrong else ""
    return [
        Inject(
            0.0,
            "decision",
            "The authority decides to warn. Colleagues have prepared "
            f"{count_of(len(lesson.files), 'files')}; one is right.",
            _STAFF,
            _AUTHORITY,
            "on paper or on screen",
            f"Check the files and send file {lesson.right}.{refuse}",
            1,
        )
    ]


def _disturbances(result: Result) -> list[Inject]:
    """One row for each disturbance: what it is, and what goes out of service because of it."""
    events = result.events
    kinds = kinds_of("disturbance")
    began = events[(events["element"] == "disturbance") & (events["kind"] == "began")]
    rows = []
    for name, kind, time_s in zip(began["inject"], began["detail"], began["time_s"], strict=True):
        title = kinds[str(kind)].title if str(kind) in kinds else str(kind).replace("_", " ")
        rows.append(
            Inject(
                float(time_s),
                str(name),
                f"{title[:1].upper()}{title[1:]}. {_lost(events[events['inject'] == name])}",
                _OPERATORS,
                _AUTHORITY,
                "telephone",
                "Ask which places have no signal and until when. Think of another way to reach them.",
                2,
            )
        )
    return rows


def _lost(events: pd.DataFrame) -> str:
    out = events[(events["element"] == "cell") & events["kind"].astype(str).isin(list(outages()))]
    if out.empty:
        return "No mast goes out of service because of it."
    first, last = float(out["time_s"].min()), float(out["time_s"].max())
    masts = count_of(int(out["site_id"].nunique()), "masts")
    one = masts.startswith("1 ")
    if last - first < 60:
        return f"{masts} {'goes' if one else 'go'} out of service at {clock(first)}."
    return f"{masts} {'goes' if one else 'go'} out of service between {clock(first)} and {clock(last)}."


def _hazards(result: Result) -> list[Inject]:
    rows = result.events[result.events["element"] == "hazard"]
    return [
        Inject(
            float(time_s),
            str(name),
            str(said),
            "Weather and hazard service",
            _AUTHORITY,
            "bulletin",
            "Compare with the area of the warning: is it still right?",
            1,
        )
        for time_s, name, said in zip(rows["time_s"], rows["inject"], rows["detail"], strict=True)
    ]


def _reach(result: Result) -> list[Inject]:
    """What the staff may answer to "who has it by now?": the first phone, half of the reached, the rest."""
    shown, weight = displayed_us(result.ledger), weights(result.ledger)
    inside = in_area(result.ledger)
    got = inside & (shown < NEVER)
    whole, reached = int(weight[inside].sum()), int(weight[got].sum())
    if not reached:
        return []
    order = np.argsort(shown[got], kind="stable")
    running = np.cumsum(weight[got][order])
    times_s = shown[got][order] / US
    half_s = float(times_s[np.searchsorted(running, reached / 2)])
    first = Inject(
        float(times_s[0]),
        "first_phone",
        "The first phone shows the warning. Calls from the public begin.",
        "The public",
        _AUTHORITY,
        "telephone",
        "Answer with the words of the warning. Write down who has not got it.",
        4,
    )
    half = Inject(
        half_s,
        "half",
        f"{_capital(count(int(running[np.searchsorted(running, reached / 2)])))} of {count(whole)} people in "
        "the area have seen it.",
        _STAFF,
        _AUTHORITY,
        "on request",
        "Ask for this figure; say what it means and what it does not.",
        2,
    )
    late = Inject(
        float(times_s[-1]),
        "last_phone",
        f"The last phone that shows it in this run does so now. {percent(1 - reached / whole)} of the people "
        f"in the area have not seen it by {duration(float(result.horizon_s))} after the decision.",
        _STAFF,
        _AUTHORITY,
        "on request",
        "Send loudspeakers, police or volunteers to the places on the list of missed people.",
        3,
    )
    return [first, half, late]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- as files -------------------------------------------------------------------------------------


def cells(rows: list[Inject]) -> list[tuple[str, ...]]:
    """The matrix as text, a row an inject; the columns are `HEAD`."""
    return [
        (
            str(number),
            clock(row.time_s),
            row.name,
            row.words,
            row.sender,
            row.recipient,
            row.means,
            row.expected,
            f"{row.objective}. {OBJECTIVES[row.objective - 1]}",
            f"{row.time_s:.0f}",
        )
        for number, row in enumerate(rows, 1)
    ]


def as_csv(rows: list[Inject]) -> bytes:
    """The matrix for any spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows(tuple(map(spreadsheet_text, row)) for row in cells(rows))
    return out.getvalue().encode("utf-8-sig")


def as_workbook(rows: list[Inject], title: str) -> bytes:
    """The matrix as XLSX, ready to print on A4 across."""
    try:
        import openpyxl
        from openpyxl.styles import Alignment, Font, PatternFill
        from openpyxl.utils import get_column_letter
    except ImportError:
        raise UsageError(NO_OFFICE) from None
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Inject matrix"
    sheet.append(HEAD)
    for row in cells(rows):
        sheet.append([spreadsheet_text(printable(text)) for text in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="D9D9D9")
    for number, width in enumerate((5, 9, 18, 48, 16, 16, 14, 40, 28, 9), 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for line in sheet.iter_rows():
        for cell in line:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.center.text = "Page &P of &N"
    book.properties.title = printable(title)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


NO_OFFICE = (
    "An exercise pack has a workbook and documents, which need openpyxl and python-docx. "
    "Install them: pip install 'ewsim[office]'."
)


def printable(text: str) -> str:
    """A text without characters that a document cannot hold."""
    return "".join(c for c in text if c in "\t\n" or c.isprintable())
