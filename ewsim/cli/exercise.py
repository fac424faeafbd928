"""`ewsim exercise`: material for trainers."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from ewsim.cli.lazy import LazyGroup

#: Each command and where it lives.
COMMANDS = {"cap": "ewsim.cli.exercise:cap"}


@click.group(cls=LazyGroup, where=COMMANDS)
def exercise() -> None:
    """Make exercises for training.

    \b
    ewsim exercise cap -o lesson
    """


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder.")
@click.option("--count", type=click.IntRange(1), default=8, show_default=True, help="Wrong files.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True)
def cap(file: Path | None, output: Path, count: int, seed: int) -> None:
    """Plant faults in a good message: wrong files, a sheet of questions, one of answers.

    Without FILE it begins with a flood warning. Every answer is what the validator finds.

    \b
    ewsim exercise cap -o lesson --count 8 --seed 3
    """
    from datetime import UTC, datetime

    from ewsim.cap.tools import templates
    from ewsim.cli.cap.files import read_file, write_folder
    from ewsim.report.cap import exercise as cap_exercise

    if file is not None:
        source, name = read_file(file), str(file)
    else:
        sent = datetime(2026, 5, 1, 10, tzinfo=UTC)
        source, name = templates.new("flood", sent=sent, identifier="lesson.1"), "flood template"
    good, planted = cap_exercise.choose(source, name, count=count, seed=seed)
    write_folder(output, cap_exercise.files(good, planted, seed=seed))
    click.echo(f"{output}: {len(planted)} wrong files, questions.md, answers.md, .html and .json")
