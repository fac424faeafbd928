"""`ewsim exercise`: faulty messages to find, and whole exercises."""

from pathlib import Path

import rich_click as click

from ewsim.cli.numbers import SEED, Whole


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder.")
@click.option("--count", type=Whole(1), default=8, show_default=True, help="Number of faulty files.")
@click.option("--seed", type=SEED, default=1, show_default=True)
def cap(file: Path | None, output: Path, count: int, seed: int) -> None:
    """Put faults into a good message: writes faulty files, a sheet of questions and a sheet of answers.

    Without FILE it starts from a flood warning. The answers are the findings of the validator.

    \b
    ewsim exercise cap -o lesson --count 8 --seed 3
    """
    from datetime import UTC, datetime

    from ewsim.cap.tools import templates
    from ewsim.cli.cap.files import read_file
    from ewsim.files import write_folder
    from ewsim.report.cap import exercise as cap_exercise

    if file is not None:
        source, name = read_file(file), str(file)
    else:
        sent = datetime(2026, 5, 1, 10, tzinfo=UTC)
        source, name = templates.new("flood", sent=sent, identifier="lesson.1"), "flood template"
    good, planted = cap_exercise.choose(source, name, count=count, seed=seed)
    write_folder(output, cap_exercise.files(good, planted, seed=seed))
    click.echo(f"{output}: {len(planted)} faulty files, questions.md, answers.md, .html and .json")


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder.")
@click.option("--arm", help="Use this named variant of the scenario.")
@click.option("--set", "sets", metavar="KEY=VALUE", multiple=True, help="Change one value of the scenario.")
@click.option("--count", type=Whole(1), default=5, show_default=True, help="Number of wrong messages.")
@click.option("--language", default="en", metavar="TAG", help="Language of the pack: en, fr, es, ar.")
@click.option("--seed", type=SEED, default=1, show_default=True, help="Chooses the wrong messages.")
def pack(
    scenario: Path, output: Path, arm: str | None, sets: tuple[str, ...], count: int, language: str, seed: int
) -> None:
    """Make a whole exercise from a scenario: books, injects, map, messages, quiz, forms.

    `staff` has the answers: the book, the inject matrix (MSEL), the evaluation sheet, the after-action
    report with the facts of the run, the replay. `participants` has no answers. Each wrong message is
    run, so that the book says what would happen if it were sent.

    \b
    ewsim exercise pack scenarios/island_cyclone.yaml -o exercise
    """
    from ewsim.cli.terminal import progress
    from ewsim.experiments.lesson import make_lesson
    from ewsim.files import write_folder
    from ewsim.report import exercise
    from ewsim.report.speech import speech_of

    say = speech_of(language)
    with progress() as show:
        lesson = make_lesson(scenario, arm=arm, sets=sets, count=count, seed=seed, progress=show)
        write_folder(output, exercise.files(lesson, say))
    click.echo(f"staff         {output / 'staff' / 'book.html'}")
    click.echo(f"participants  {output / 'participants' / 'book.html'}")
