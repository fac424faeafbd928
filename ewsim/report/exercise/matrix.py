"""The inject matrix (master scenario events list): what happens in the exercise, when, and what to do.

Its columns follow the list of FEMA's Homeland Security Exercise and Evaluation Program (2020): number,
time, description, sender, recipient, means, expected action, objective.
"""

import csv
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ewsim.errors import UsageError
from ewsim.files import spreadsheet_text
from ewsim.kinds import outages
from ewsim.metrics.reach import displayed_us, in_area, weights
from ewsim.report.brief.story import inject_name
from ewsim.report.exercise.record import Lesson
from ewsim.report.speech import Speech
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
WHO = ("Exercise staff", "Network operators", "Warning authority", "Everybody")
_STAFF, _OPERATORS, _AUTHORITY, _ALL = WHO


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


def injects_of(lesson: Lesson, say: Speech) -> list[Inject]:
    """Every row of an exercise, in order of time."""
    rows = [*_decision(lesson, say), *_disturbances(lesson.result, say), *_hazards(lesson.result, say)]
    rows += _reach(lesson.result, say)
    first = min(row.time_s for row in rows)
    begin = Inject(
        first - 300.0,
        "start",
        say("The exercise begins. The situation is read out; the map and the files are handed out."),
        say(_STAFF),
        say(_ALL),
        say("read out"),
        say("Read the situation. Ask what is not clear."),
        1,
    )
    end = Inject(
        float(lesson.result.horizon_s),
        "end",
        say("The exercise ends."),
        say(_STAFF),
        say(_ALL),
        say("read out"),
        say("Talk about it at once: what went well, what did not, what to change."),
        4,
    )
    return [begin, *sorted(rows, key=lambda row: row.time_s), end]


def clock(time_s: float) -> str:
    """A time from the decision to warn: "T+1:05", "T-2:00"; hours and minutes."""
    hours, minutes = divmod(round(abs(time_s) / 60), 60)
    return f"T{'-' if time_s < 0 and (hours or minutes) else '+'}{hours}:{minutes:02d}"


def _decision(lesson: Lesson, say: Speech) -> list[Inject]:
    wrong = [str(n) for n, file in enumerate(lesson.files, 1) if file.title]
    send = say("Check the files and send file {n}.", n=say.number(lesson.right))
    if wrong:
        send += " " + say("Say why the others are wrong: {files}.", files=", ".join(wrong))
    return [
        Inject(
            0.0,
            "decision",
            say(
                "The authority decides to warn. Colleagues have prepared {n} files; one is right.",
                n=say.number(len(lesson.files)),
            ),
            say(_STAFF),
            say(_AUTHORITY),
            say("on paper or on screen"),
            send,
            1,
        )
    ]


def _disturbances(result: Result, say: Speech) -> list[Inject]:
    """One row for each disturbance: what it is, and what goes out of service because of it."""
    events = result.events
    began = events[(events["element"] == "disturbance") & (events["kind"] == "began")]
    what = {str(name): say.capital(inject_name(result, str(name), say)) for name in began["inject"]}
    return [
        Inject(
            float(time_s),
            str(name),
            f"{what[str(name)]}. {_lost(events[events['inject'] == name], say)}",
            say(_OPERATORS),
            say(_AUTHORITY),
            say("telephone"),
            say("Ask which places have no signal and until when. Think of another way to reach them."),
            2,
        )
        for name, time_s in zip(began["inject"], began["time_s"], strict=True)
    ]


def _lost(events: pd.DataFrame, say: Speech) -> str:
    out = events[(events["element"] == "cell") & events["kind"].astype(str).isin(list(outages()))]
    if out.empty:
        return say("No mast goes out of service because of it.")
    first, last = float(out["time_s"].min()), float(out["time_s"].max())
    known = {
        "n": say.number(int(out["site_id"].nunique())),
        "first": say.isolated(clock(first)),
        "last": say.isolated(clock(last)),
    }
    if last - first < 60:
        return say("Masts out of service at {first}: {n}.", n=known["n"], first=known["first"])
    return say("Masts out of service between {first} and {last}: {n}.", **known)


def _hazards(result: Result, say: Speech) -> list[Inject]:
    rows = result.events[result.events["element"] == "hazard"]
    return [
        Inject(
            float(time_s),
            str(name),
            str(said),
            say("Weather and hazard service"),
            say(_AUTHORITY),
            say("bulletin"),
            say("Compare with the area of the warning: is it still right?"),
            1,
        )
        for time_s, name, said in zip(rows["time_s"], rows["inject"], rows["detail"], strict=True)
    ]


def _reach(result: Result, say: Speech) -> list[Inject]:
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
        say("The first phone shows the warning. Calls from the public begin."),
        say("The public"),
        say(_AUTHORITY),
        say("telephone"),
        say("Answer with the words of the warning. Write down who has not got it."),
        4,
    )
    half_count = int(running[np.searchsorted(running, reached / 2)])
    half = Inject(
        half_s,
        "half",
        say.capital(
            say(
                "{n} of {whole} people in the area have seen it.",
                n=say.count(half_count),
                whole=say.count(whole),
            )
        ),
        say(_STAFF),
        say(_AUTHORITY),
        say("on request"),
        say("Ask for this figure; say what it means and what it does not."),
        2,
    )
    late = Inject(
        float(times_s[-1]),
        "last_phone",
        say(
            "The last phone that shows it in this run does so now. {share} of the people in the area have "
            "not seen it {time} after the decision.",
            share=say.percent(1 - reached / whole),
            time=say.duration(float(result.horizon_s)),
        ),
        say(_STAFF),
        say(_AUTHORITY),
        say("on request"),
        say("Send loudspeakers, police or volunteers to the places on the list of missed people."),
        3,
    )
    return [first, half, late]


# --- as files -------------------------------------------------------------------------------------


def head(say: Speech) -> tuple[str, ...]:
    """The names of the columns."""
    return tuple(say(name) for name in HEAD)


def cells(rows: list[Inject], say: Speech) -> list[tuple[str, ...]]:
    """The matrix as text, a row an inject; the columns are those of `head`."""
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
            f"{row.objective}. {say(OBJECTIVES[row.objective - 1])}",
            f"{row.time_s:.0f}",
        )
        for number, row in enumerate(rows, 1)
    ]


def as_csv(rows: list[Inject], say: Speech) -> bytes:
    """The matrix for any spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head(say))
    writer.writerows(tuple(map(spreadsheet_text, row)) for row in cells(rows, say))
    return out.getvalue().encode("utf-8-sig")


def as_workbook(rows: list[Inject], title: str, say: Speech) -> bytes:
    """The matrix as XLSX, ready to print on A4 across.

    Parameters
    ----------
    rows
        The rows of the matrix.
    title
        What the exercise is called.
    say
        The language.
    """
    try:
        import openpyxl
        from openpyxl.styles import Alignment, Font, PatternFill
        from openpyxl.utils import get_column_letter
    except ImportError:
        raise UsageError(NO_OFFICE) from None
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = say("Inject matrix")[:31]
    sheet.sheet_view.rightToLeft = say.direction == "rtl"
    sheet.append(head(say))
    for row in cells(rows, say):
        first, *texts, seconds = row
        sheet.append([int(first), *(spreadsheet_text(printable(text)) for text in texts), int(seconds)])
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
    sheet.oddFooter.center.text = "&P / &N"
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
