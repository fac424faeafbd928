"""The books of an exercise as pages that print: one for the staff, one for the participants."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ewsim.metrics.words import CAUSES
from ewsim.report import style, templating
from ewsim.report.exercise import matrix
from ewsim.report.exercise.quiz import Question
from ewsim.report.exercise.record import Lesson, LessonFile
from ewsim.report.maps.axes import land_and_area, prepare
from ewsim.report.maps.ground import map_ground
from ewsim.report.speech import Speech
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

NOTHING_WRONG = "Nothing. This is the right one."


def title_of(result: Result) -> str:
    """What the exercise is called."""
    return result.scenario.title or result.identity.name


def staff_book(
    lesson: Lesson,
    brief: Mapping[str, Any],
    before: Markup,
    questions: list[Question],
    injects: list[matrix.Inject],
    say: Speech,
) -> bytes:
    """The book of the exercise staff: the plan, the answers and what the run showed.

    Parameters
    ----------
    lesson
        The exercise.
    brief
        The brief of its run.
    before
        The map at the beginning.
    questions
        Those of the quiz, with their answers.
    injects
        The rows of the matrix.
    say
        The language.
    """
    return _page(
        "exercise_staff.html",
        lesson,
        say,
        before_svg=before,
        injects_table=_injects_table(injects, say),
        files_table=files_table(lesson, say),
        files=list(enumerate(lesson.files, 1)),
        effect_words=partial(effect_words, say=say),
        questions=questions,
        discussion=DISCUSSION,
        objectives=matrix.OBJECTIVES,
        answer=brief["answer"],
        causes_table=causes_table(lesson.result, say),
        zones_table=brief["places"],
        after_svg=brief["people_map"],
    )


def causes_table(result: Result, say: Speech) -> PageTable:
    """People in the area by cause, those who were reached, and everybody."""
    summary = result.summary()
    whole = max(summary["in_area"], 1)
    rows = [(say.capital(say(CAUSES[name])), n) for name, n in summary["causes"].items() if n]
    rows += [(say("Reached"), summary["reach"]["people"]), (say("Everybody in the area"), summary["in_area"])]
    return make_table(
        say("Why people of the area were missed"),
        (say("Cause"), say("People"), say("Share")),
        ((words, say.number(n), say.percent(n / whole)) for words, n in rows),
    )


def participants_book(lesson: Lesson, before: Markup, say: Speech) -> bytes:
    """The book of the participants: the situation, the parts, the map; no answers.

    Parameters
    ----------
    lesson, before, say
        As in `staff_book`.
    """
    people = say.count(lesson.result.summary()["in_area"])
    return _page("exercise_participants.html", lesson, say, people=people, before_svg=before)


def _page(template: str, lesson: Lesson, say: Speech, **values: object) -> bytes:
    result = lesson.result
    made = templating.render(
        template,
        title=title_of(result),
        result=result,
        say=say,
        description=result.scenario.description,
        sent=say.moment(datetime.fromisoformat(result.alert.sent)),
        file_names=[f"alert_{n:02d}.xml" for n in range(1, 1 + len(lesson.files))],
        right=lesson.right,
        roles=ROLES,
        css=templating.asset("plain.css") + templating.asset("exercise.css"),
        **values,
    )
    return made.encode()


def before_figure(result: Result, say: Speech) -> Markup:
    """The map that everybody has at the beginning: the masts and the area of the warning."""
    land = map_ground(result)
    west, south, east, north = land.bounds_km

    def draw(canvas: Figure) -> None:
        ax = canvas.add_subplot()
        prepare(ax, "", land.bounds_km, land.frame)
        land_and_area(ax, land.land, land.area)
        masts = Line2D(
            land.sites["x_km"],
            land.sites["y_km"],
            linestyle="none",
            marker="^",
            markersize=5,
            markerfacecolor=style.SKY,
            markeredgecolor=style.BLUE,
            label=say.in_figure(say("masts ({n})", n=say.number(len(land.sites)))),
            zorder=6,
        )
        ax.add_line(masts)
        area = Patch(
            facecolor="none",
            edgecolor=style.EDGE,
            linestyle="--",
            label=say.in_figure(say("area of the warning")),
        )
        handles = [masts, area]
        ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.09), ncols=2, fontsize=8)

    upright = (north - south) / (east - west)
    alt = say("Map of the masts before anything fails, and of the area of the warning.")
    return style.svg("before", alt, 0.9 + min(style.WIDTH_IN * upright, 6.5), draw)


def files_table(lesson: Lesson, say: Speech) -> PageTable:
    """Every file: what is wrong with it, and what it does to reach in this run."""
    right = lesson.files[lesson.right - 1].effect
    return make_table(
        say("The files, and what sending each of them does"),
        (
            say("File"),
            say("What is wrong"),
            say("People reached"),
            say("Fewer"),
            say("People outside the area"),
        ),
        (
            (
                f"alert_{number:02d}.xml",
                say(file.title or NOTHING_WRONG),
                say("not sent") if file.effect.refused else say.number(file.effect.reached),
                say.number(right.reached - file.effect.reached) if file.title else "–",
                say.number(file.effect.outside),
            )
            for number, file in enumerate(lesson.files, 1)
        ),
        say(
            "Each file was run on the same network, people, faults and luck. People reached are those for "
            "whom the right message is, whatever area a file has."
        ),
    )


def effect_words(file: LessonFile, right: LessonFile, say: Speech) -> str:
    """What one file does, in a sentence or two.

    Parameters
    ----------
    file, right
        The file, and the right one.
    say
        The language. Why a message is refused stays in English.
    """
    effect, best = file.effect, right.effect
    if effect.refused:
        reason = effect.refused[:1].upper() + effect.refused[1:].rstrip(".") + "."
        return f"{say('Nobody is warned: the message is refused.')} {say.isolated(reason)}"
    lost = best.reached - effect.reached
    readers = (best.readers or 0) - (effect.readers or 0)
    found = []
    if lost > 0:
        found.append(say("{n} fewer people of the area see it.", n=say.number(lost)))
    if readers > 0:
        found.append(say("{n} fewer see it in a language that they read.", n=say.number(readers)))
    return " ".join(found) or say("As many people of the area see it: the model shows no difference here.")


def _injects_table(injects: list[matrix.Inject], say: Speech) -> PageTable:
    rows, head = matrix.cells(injects, say), matrix.head(say)
    keep = (0, 1, 3, 4, 5, 7)
    return PageTable(
        say("What happens, and what is expected"),
        tuple(head[n] for n in keep),
        [tuple(row[n] for n in keep) for row in rows],
        frozenset(),
        say("T is the decision to warn; times are hours and minutes. injects.xlsx has every column."),
    )


def svg_file(drawing: Markup) -> bytes:
    """A drawing as a file of its own."""
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + drawing).encode()
