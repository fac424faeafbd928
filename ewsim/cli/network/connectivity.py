"""`ewsim network connectivity`: where phones lost their signal, and when it came back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from ewsim.cli.options import changes_option, json_option

if TYPE_CHECKING:
    import pandas as pd

    from ewsim.metrics.protection.signal import SignalSeries


@click.command()
@click.argument("source", metavar="SCENARIO|DIR", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="A folder for the maps.")
@click.option(
    "--operator", default="any", show_default=True, metavar="NAME", help="Only cells of this operator."
)
@click.option("--rat", default="any", show_default=True, metavar="2G|3G|4G|5G", help="This technology only.")
@changes_option
@json_option
def connectivity(
    source: Path,
    output: Path | None,
    operator: str,
    rat: str,
    arm: str | None,
    sets: tuple[str, ...],
    as_json: bool,
) -> None:
    """The disaster connectivity map: where phones lost their signal by hour, and when it came back.

    For a finished run, or for a scenario that is run now. The folder has maps (signal.png), GeoJSON, a raster
    for each hour, and a table by hour, operator and technology.

    \b
    ewsim network connectivity scenarios/island_cyclone.yaml
    ewsim network connectivity out -o maps --rat 4G
    """
    from ewsim.cli.wire.pcap import result_of
    from ewsim.errors import UsageError
    from ewsim.files import write_folder
    from ewsim.metrics.protection import signal as metrics
    from ewsim.report.maps import connectivity_files
    from ewsim.report.maps.connectivity import series_of

    if output is not None and output.exists():
        raise UsageError(f"{output} exists already. Name a new folder with -o.")
    result = result_of(source, arm, sets)
    there = [(o, r) for o, r in metrics.choices(result.cells)]
    for wanted, known in ((operator, {o for o, _ in there}), (rat, {r for _, r in there})):
        if wanted not in known:
            names = ", ".join(sorted(known - {metrics.ANY}))
            raise UsageError(f"the network has no {wanted!r}. There are: {names}.")
    series = series_of(result, operator, rat)
    if series is None or result.squares is None:
        said = "No cell failed in this run, so nobody lost the signal."
        click.echo(json.dumps(_document(None, None)) if as_json else said)
        return
    table = metrics.by_hour(result.squares, result.cells, result.events, series.time_s)
    if output is not None:
        write_folder(output, connectivity_files.files(result, series, table))
    if as_json:
        click.echo(json.dumps(_document(series, table), indent=2, allow_nan=False))
        return
    for line in metrics.in_words(series):
        click.echo(line)
    mine = table[(table["operator"] == operator) & (table["rat"] == rat)]
    click.echo(f"\n{'hours after':>11} {'cells off':>10} {'lost it':>12} {'without':>12} {'land lost':>10}")
    for row in mine.to_dict("records"):
        click.echo(
            f"{row['time_s'] / 3600:>11.2f} {row['cells_off']:>10,} {row['people_lost']:>12,} "
            f"{row['people_without']:>12,} {row['land_lost_share']:>10.1%}"
        )
    if output is not None:
        click.echo(f"\nmaps          {output / 'signal.png'}")


def _document(series: SignalSeries | None, table: pd.DataFrame | None) -> dict[str, object]:
    if series is None or table is None:
        return {"format": "ewsim.connectivity/1", "people": None, "worst_s": None, "by_hour": []}
    return {
        "format": "ewsim.connectivity/1",
        "people": int(series.squares.people.sum()),
        "people_without_before": series.people(~series.baseline),
        "worst_s": float(series.time_s[series.worst]),
        "people_lost_worst": series.people(series.lost[series.worst]),
        "people_lost_end": series.people(series.lost[-1]),
        "step_m": series.squares.step_m,
        "by_hour": table.to_dict("records"),
    }
