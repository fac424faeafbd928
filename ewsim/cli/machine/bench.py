"""`ewsim bench`: how fast this machine runs the engine and the reference engine."""

from __future__ import annotations

import json

import rich_click as click

from ewsim.cli.numbers import Whole


@click.command()
@click.option("--handsets", type=Whole(100, 100_000_000), default=200_000, show_default=True)
@click.option("--cells", type=Whole(6), default=None, help="Default: one for every 500 handsets.")
@click.option(
    "--reference/--no-reference",
    "with_reference",
    default=True,
    help="Also run the reference engine, one SimPy process a handset (about 40 s for 200,000).",
)
@click.option("--json", "as_json", is_flag=True, help="Print the measurements as JSON.")
def bench(handsets: int, cells: int | None, with_reference: bool, as_json: bool) -> None:
    """Measure both engines on the same world, in one process each.

    The ratio compares the time of the reference engine, with the garbage collector off, to the
    delivery phases of the engine, after compilation: infrastructure, presence, cell broadcast and
    location-based SMS.

    \b
    ewsim bench
    ewsim bench --handsets 1000000 --no-reference --json
    """
    from ewsim.benchmark import measure

    report = measure(handsets, cells or max(60, handsets // 500), with_reference=with_reference)
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    click.echo(f"{report['handsets']:,} handsets, {report['cells']:,} cells, one hour, both channels")
    for phase, spent in report["engine_s"].items():
        click.echo(f"  {phase:<22}{spent:9.4f} s")
    click.echo(f"  {'delivery, sum':<22}{report['delivery_s']:9.4f} s")
    click.echo(f"  {'compilation':<22}{report['compile_s']:9.2f} s   once, then cached")
    click.echo(f"  {'peak memory':<22}{report['peak_mb']:9.0f} MB")
    if report["ratio"] is not None:
        click.echo(f"  {'reference':<22}{report['reference_s']:9.2f} s   collector off")
        click.echo(f"  ratio {report['ratio']:.0f}")
