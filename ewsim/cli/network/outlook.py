"""`ewsim network outlook`: mobile sites off by day after a disaster, from what is known of it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from ewsim.cli.numbers import Finite, Whole
from ewsim.cli.options import json_option

if TYPE_CHECKING:
    from ewsim.disturbances.outlook.forecast import DaySeries, Known

_SHARE = Finite(min=0, max=1)
_HAZARDS = ["storm", "earthquake", "tsunami", "flood", "wildfire", "blackout", "shutoff"]


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--event", metavar="NAME", help="Which event, if FILE has several.")
@click.option("--passed", metavar="TIME", help="When the hazard had passed, if FILE has dates.")
@click.option(
    "--customers-total", type=Finite(min=1), help="Customers of the area, for counts without a total."
)
@click.option(
    "--hazard", type=click.Choice(_HAZARDS), help="The hazard; shutoff: mains switched off on purpose."
)
@click.option(
    "--place",
    type=click.Choice(["mainland", "island"]),
    help="island: so small that one hazard hits all of it, and help comes by sea or air.",
)
@click.option("--hit", type=_SHARE, metavar="SHARE", help="Share of the people where the hazard does damage.")
@click.option(
    "--access",
    type=click.Choice(["no_damage", "open", "blocked", "island"]),
    help="no_damage: mains failed, nothing else; open: roads are open; blocked: slides or floods for "
    "days; island: a ruined island, no help from outside for weeks.",
)
@click.option("--passable-day", type=Finite(0, 1000), metavar="DAY", help="Day when most roads are passable.")
@click.option(
    "--extreme-zone",
    type=_SHARE,
    metavar="SHARE",
    help="Share of the sites in the ruined zone: eyewall, shore that the tsunami took, strongest shaking.",
)
@click.option(
    "--report",
    "given",
    multiple=True,
    metavar="DAY=SHARE",
    help="Sites off that were reported: 0.9=0.52, 0.9=52%, 0.9=1437/2759. May be repeated.",
)
@click.option(
    "--reports-until",
    type=Finite(0, 1000),
    metavar="DAY",
    help="Use reports up to this day; compare the forecast with later ones. Default: all.",
)
@click.option("--sites", type=Whole(1, 10_000_000), help="Sites of the area: few sites vary more.")
@click.option("--days", metavar="DAYS", help="Days of the table: 0.5,1,2,3.")
@json_option
def outlook(
    file: Path | None,
    event: str | None,
    passed: str | None,
    customers_total: float | None,
    given: tuple[str, ...],
    reports_until: float | None,
    days: str | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Predict the share of mobile sites off by day after a disaster, with 80 % bands.

    What you know sets the mode. Hazard only gives a band and no median. FILE has customers without mains
    by day: columns day (or hours, or date) and customers_out_share, or customers_out and customers_total.
    --access, --passable-day and --extreme-zone narrow it. Reports of sites off (--report, or the columns
    sites_out and sites_total of FILE) correct the days that follow.

    \b
    ewsim network outlook --hazard storm --place island
    ewsim network outlook customers.csv
    ewsim network outlook customers.csv --access blocked --passable-day 4
    ewsim network outlook customers.csv --access open --report 0.9=1437/2759
    """
    from ewsim.disturbances.outlook import words
    from ewsim.disturbances.outlook.forecast import predict

    known, reports, notes = _known(file, event, passed, customers_total, given, reports_until, asked)
    wanted = _days(days) if days else words.days_to_show(known, reports)
    found = predict(known, wanted)
    for note in notes:
        click.echo(note, err=True)
    if as_json:
        document = words.document(found, known, reports)
        document["notes"] += notes
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(words.text(found, known, reports))


def _known(
    file: Path | None,
    event: str | None,
    passed: str | None,
    customers_total: float | None,
    given: tuple[str, ...],
    reports_until: float | None,
    asked: dict[str, Any],
) -> tuple[Known, DaySeries, list[str]]:
    """What is known, all reports, and what is odd in the table."""
    from ewsim.disturbances.outlook.classes import MAINS_ONLY
    from ewsim.disturbances.outlook.forecast import DaySeries, Known
    from ewsim.disturbances.outlook.series import read_table
    from ewsim.disturbances.outlook.values import Clock
    from ewsim.errors import UsageError

    if file is None and (event or passed or customers_total):
        raise UsageError("--event, --passed and --customers-total are about FILE; name it too.")
    if asked["access"] == "no_damage" and (asked["passable_day"] or asked["extreme_zone"]):
        raise UsageError(
            "--access no_damage has no blocked roads and no ruined zone: leave out the one or the other."
        )
    if asked["access"] == "open" and (asked["passable_day"] or 0) > 1:
        raise UsageError(
            f"--access open means roads cleared within a day, not on day {asked['passable_day']:g}: write "
            "--access blocked, or leave out the one or the other."
        )
    if asked["hazard"] in MAINS_ONLY and asked["access"] not in (None, "no_damage"):
        raise UsageError(
            f"--hazard {asked['hazard']} damages nothing: leave out --access, or name what cut the mains."
        )
    pairs, customers, change, notes = dict(map(_report, given)), DaySeries.of(()), False, []
    sites = asked["sites"]
    if file is not None:
        table = read_table(file, Clock(_time(passed)), event, customers_total)
        customers, change = table.customers, table.totals_change
        pairs = dict(zip(table.reports.day.tolist(), table.reports.share.tolist(), strict=True)) | pairs
        sites = sites or table.sites
        notes = [str(note) for note in table.notes]
    reports = DaySeries.of(list(pairs.items()))
    last = float("inf") if reports_until is None else reports_until
    known = Known(
        hazard=asked["hazard"],
        place=asked["place"],
        hit_share=asked["hit"],
        customers=customers,
        totals_change=change,
        access="no_damage" if asked["hazard"] in MAINS_ONLY else asked["access"],
        passable_day=asked["passable_day"],
        extreme_zone_share=asked["extreme_zone"],
        reports=DaySeries.of([(day, share) for day, share in pairs.items() if day <= last]),
        sites=sites,
    )
    return known, reports, notes


def _time(text: str | None) -> datetime | None:
    from ewsim.errors import UsageError

    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--passed takes a time such as 2024-10-09T22:00, not {text!r}.") from None


def _report(text: str) -> tuple[float, float]:
    from ewsim.disturbances.outlook.values import DAY_MAX, share_of
    from ewsim.errors import UsageError
    from ewsim.geography.table import number

    day_text, _, value = text.partition("=")
    day, share = number(day_text.strip()), share_of(value.strip())
    if not 0 <= day <= DAY_MAX:
        raise UsageError(
            f"--report takes DAY=SHARE such as 0.9=0.52, not {text[:60]!r}: the day is not a number."
        )
    if isinstance(share, str):
        raise UsageError(f"--report {text[:60]!r}: the share {share}")
    return day, share


def _days(text: str) -> list[float]:
    from ewsim.disturbances.outlook.values import DAY_MAX
    from ewsim.errors import UsageError
    from ewsim.geography.table import number

    found = sorted({number(part.strip()) for part in text.split(",")})
    if not all(0 <= day <= DAY_MAX for day in found) or len(found) > 400:
        raise UsageError(
            f"--days takes days from 0 to {DAY_MAX:g} with commas, such as 0.5,1,2, not {text[:60]!r}."
        )
    return found
