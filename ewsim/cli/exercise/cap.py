"""`ewsim exercise cap`."""

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
