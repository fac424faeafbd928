"""`ewsim survey`: what people said after an alert, beside what a run gives."""

import json
from pathlib import Path

import rich_click as click


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("table", metavar="SURVEY", type=click.Path(path_type=Path))
@click.option(
    "--of",
    type=click.Choice(["owners", "everybody", "of_phone_age"]),
    default="owners",
    show_default=True,
    help="Whom the survey asked.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write a page: FILE.html.")
@click.option("--language", default="en", metavar="TAG", help="Language of the page: en, fr, es, ar.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def survey(
    folder: Path, table: Path, of: str, output: Path | None, language: str, as_json: bool, force: bool
) -> None:
    """Compare a finished run with a survey of people after a real alert or test.

    The survey is a table with the columns place (or group and value), asked, and received (or share).

    \b
    ewsim survey out survey.csv -o survey.html
    """
    from ewsim.files import write_file
    from ewsim.metrics.comparison.survey import laid_over
    from ewsim.metrics.words import aligned
    from ewsim.report import survey as page
    from ewsim.report.speech import speech_of
    from ewsim.result.record import Result
    from ewsim.result.survey import read_survey

    say = speech_of(language)
    result = Result.load(folder)
    answers = read_survey(table, result)
    age_years = result.scenario.population.handsets.own_phone_age_years
    found = laid_over(result.ledger, answers, of, age_years)
    if output is not None:
        write_file(output, page.render(result, found, say).encode(), force=force)
    if as_json:
        document = {"format": "ewsim.survey/1", **found, "page": None if output is None else str(output)}
        click.echo(json.dumps(document, indent=2, allow_nan=False))
        return
    for line in page.answer(found):
        click.echo(line)
    rows = page.survey_table(found)
    for line in aligned([rows.columns, *rows.rows]):
        click.echo(line)
    if output is not None:
        click.echo(output)
