"""The books of an exercise as pages that print: one for the staff, one for the participants."""

from __future__ import annotations

from datetime import datetime

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ewsim.errors import count_of
from ewsim.metrics.words import answer, count, percent, unbroken
from ewsim.report import style, templating
from ewsim.report.brief.page import where_missed
from ewsim.report.exercise import matrix
from ewsim.report.exercise.quiz import Question
from ewsim.report.exercise.record import Lesson, LessonFile
from ewsim.report.maps.axes import fill, prepare
from ewsim.report.maps.ground import map_ground
from ewsim.report.sections.causes import causes_table
from ewsim.report.speech import ENGLISH
from ewsim.report.table import PageTable, make_table
from ewsim.result.record import Result

#: Who takes part, and what each of them does.
ROLES = (
    (
        "Warning authority",
        "Decides whether, when and whom to warn. Chooses the message, checks it, and speaks to the public.",
    ),
    (
        "Network operators",
        "Know which masts are out of service, why, and for how long. Say what they can repair first.",
    ),
    ("District services", "Reach people without signal: loudspeakers, police, volunteers, local radio."),
    ("Observers", "Write down what is decided, when, and from which information. They do not help."),
)
DISCUSSION = (
    "Which information was missing when the decision was made? Who had it?",
    "Who was not reached? What would reach them next time, and who would do it?",
    "Which of the wrong files would have gone out today? What stops it?",
    "What did the public ask for that nobody could answer?",
    "Which three things should change, who does them, and until when?",
)


def title_of(result: Result) -> str:
    """What the exercise is called."""
    return result.scenario.title or result.identity.name


def staff_book(lesson: Lesson, questions: list[Question], injects: list[matrix.Inject]) -> bytes:
    """The book of the exercise staff: the plan, the answers and what the run showed.

    Parameters
    ----------
    lesson
        The exercise.
    questions
        Those of the quiz, with their answers.
    injects
        The rows of the matrix.
    """
    result, summary = lesson.result, lesson.result.summary()
    after_svg, zones_table = where_missed(result, ENGLISH)
    return _page(
        "exercise_staff.html",
        lesson,
        injects_table=_injects_table(injects),
        files_table=files_table(lesson),
        files=list(enumerate(lesson.files, 1)),
        effect_words=effect_words,
        questions=questions,
        discussion=DISCUSSION,
        objectives=matrix.OBJECTIVES,
        answer=[unbroken(line) for line in answer(summary, result.horizon_s)],
        causes_table=causes_table(summary),
        zones_table=zones_table,
        after_svg=after_svg,
    )


def participants_book(lesson: Lesson) -> bytes:
    """The book of the participants: the situation, the parts, the map; no answers."""
    return _page("exercise_participants.html", lesson, people=count(lesson.result.summary()["in_area"]))


def _page(template: str, lesson: Lesson, **values: object) -> bytes:
    result = lesson.result
    made = templating.render(
        template,
        title=title_of(result),
        result=result,
        description=result.scenario.description,
        sent=datetime.fromisoformat(result.alert.sent),
        file_names=[f"alert_{n:02d}.xml" for n in range(1, 1 + len(lesson.files))],
        right=lesson.right,
        roles=ROLES,
        before_svg=before_figure(result),
        css=templating.asset("plain.css") + templating.asset("exercise.css"),
        **values,
    )
    return made.encode()


def before_figure(result: Result) -> Markup:
    """The map that everybody has at the beginning: the masts and the area of the warning."""
    land = map_ground(result)
    west, south, east, north = land.bounds_km

    def draw(canvas: Figure) -> None:
        ax = canvas.add_subplot()
        prepare(ax, "Masts before anything fails, and the area of the warning", land.bounds_km, land.frame)
        if land.land is not None:
            fill(ax, land.land, facecolor=style.LAND, edgecolor=style.GREY, linewidth=0.7, zorder=1)
        fill(ax, land.area, facecolor="none", edgecolor=style.PURPLE, linewidth=1.6, linestyle="--", zorder=5)
        masts = Line2D(
            land.sites["x_km"],
            land.sites["y_km"],
            linestyle="none",
            marker="^",
            markersize=5,
            markerfacecolor=style.SKY,
            markeredgecolor=style.BLUE,
            label=f"masts ({len(land.sites):,})",
            zorder=6,
        )
        ax.add_line(masts)
        area = Patch(facecolor="none", edgecolor=style.PURPLE, linestyle="--", label="area of the warning")
        handles = [masts, area]
        ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.09), ncols=2, fontsize=8)

    upright = (north - south) / (east - west)
    alt = f"Map of {count_of(len(land.sites), 'masts')} and the area of the warning."
    return style.svg("before", alt, 0.9 + min(style.WIDTH_IN * upright, 6.5), draw)


def files_table(lesson: Lesson) -> PageTable:
    """Every file: what is wrong with it, and what it does to reach in this run."""
    right = lesson.files[lesson.right - 1].effect
    return make_table(
        "The files, and what sending each of them does",
        ("File", "What is wrong", "People reached", "Change", "People outside the area"),
        (
            (
                f"alert_{number:02d}.xml",
                file.title or "Nothing. This is the right one.",
                "not sent" if file.effect.refused else file.effect.reached,
                "–" if not file.title else _change(file.effect.reached, right.reached),
                file.effect.outside,
            )
            for number, file in enumerate(lesson.files, 1)
        ),
        "Each file was run on the same network, people, faults and luck. People reached are those for whom "
        "the right message is, whatever area a file has.",
    )


def _change(reached: int, right: int) -> str:
    if reached == right:
        return "none"
    return f"{reached - right:+,}".replace("-", "−") + (
        f" ({percent(abs(reached - right) / right)})" if right else ""
    )


def effect_words(file: LessonFile, right: LessonFile) -> str:
    """What one file does, in a sentence."""
    effect, best = file.effect, right.effect
    if effect.refused:
        reason = effect.refused[:1].upper() + effect.refused[1:]
        return f"Nobody is warned: the message is refused. {reason if reason.endswith('.') else reason + '.'}"
    lost = best.reached - effect.reached
    said = f"{lost:,} fewer people of the area see it." if lost > 0 else "As many people of the area see it."
    if effect.readers is not None and best.readers is not None and effect.readers < best.readers:
        said += f" {best.readers - effect.readers:,} fewer see it in a language that they read."
    if lost <= 0 and (effect.readers is None or effect.readers == best.readers):
        said += " The model shows no difference in this scenario."
    return said


def _injects_table(injects: list[matrix.Inject]) -> PageTable:
    rows = matrix.cells(injects)
    keep = (0, 1, 3, 4, 5, 7)
    return PageTable(
        "What happens, and what is expected",
        tuple(matrix.HEAD[n] for n in keep),
        [tuple(row[n] for n in keep) for row in rows],
        frozenset(),
        "T is the decision to warn; the times are hours and minutes. injects.xlsx has every column.",
    )


def svg_file(drawing: Markup) -> bytes:
    """A drawing as a file of its own."""
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + drawing).encode()
