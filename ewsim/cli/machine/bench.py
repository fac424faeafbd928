"""`ewsim bench`: how fast this machine runs the engine and the reference engine."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import rich_click as click

from ewsim.cli.numbers import Whole

#: The suites, in their order (`ewsim.benchmark.suite.SUITES`; a test holds them equal).
SUITES = ("delivery", "run", "growth", "cap", "replay", "sweep")


@click.command()
@click.option("--handsets", type=Whole(100, 100_000_000), default=200_000, show_default=True)
@click.option("--cells", type=Whole(6), default=None, help="Default: one for every 500 handsets.")
@click.option(
    "--reference/--no-reference",
    "with_reference",
    default=True,
    help="Also run the reference engine, one SimPy process a handset (about 40 s for 200,000).",
)
@click.option(
    "--suite",
    "suites",
    type=click.Choice(["all", *SUITES]),
    multiple=True,
    help="Measure these suites instead; repeatable. The results are ratios.",
)
@click.option(
    "--size",
    type=click.Choice(["quick", "usual", "full"]),
    default=None,
    help="Size of the suites: half a minute, minutes, or as in docs/performance.md. Default: usual.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write the record of suites and a plot here."
)
@click.option("--json", "as_json", is_flag=True, help="Print the measurements as JSON.")
@click.option("--force", is_flag=True, help="Replace the output folder.")
def bench(
    handsets: int,
    cells: int | None,
    with_reference: bool,
    suites: tuple[str, ...],
    size: str | None,
    output: Path | None,
    as_json: bool,
    force: bool,
) -> None:
    """Measure both engines on the same world, in one process each; or suites of everything.

    The ratio compares the time of the reference engine, with the garbage collector off, to the
    delivery phases of the engine, after compilation: infrastructure, presence, cell broadcast and
    location-based SMS.

    \b
    ewsim bench
    ewsim bench --handsets 1000000 --no-reference --json
    ewsim bench --suite all -o measured
    """
    if suites:
        _suites(suites, size or "usual", output, as_json=as_json, force=force)
        return
    if output is not None or size is not None:
        raise click.UsageError("-o and --size go with --suite. Write --suite all, say.")
    from ewsim.benchmark.engines import measure

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


def _suites(names: tuple[str, ...], size: str, output: Path | None, *, as_json: bool, force: bool) -> None:
    from ewsim.benchmark.suite import measure_suites
    from ewsim.result import folder

    if output is not None:
        folder.check_output(output, force=force, mark="bench.json")
    wanted = [name for name in SUITES if name in names or "all" in names]
    record = measure_suites(wanted, size, lambda name: click.echo(f"measuring {name}", err=True))
    outputs = {} if output is None else _write(record, output, force=force)
    if as_json:
        click.echo(json.dumps({**record, "outputs": outputs}, indent=2, allow_nan=False))
        return
    for line in _lines(record):
        click.echo(line)
    for name, path in outputs.items():
        click.echo(f"{name:<8}{path}")


def _write(record: Mapping[str, Any], output: Path, *, force: bool) -> dict[str, str]:
    from ewsim.report import growth
    from ewsim.result import folder

    def fill(into: Path) -> None:
        folder.write_json(record, into / "bench.json")
        if record["growth"]:
            growth.write(record, into / "growth.svg")

    return folder.write(output, fill, force=force, mark="bench.json")


def _lines(record: Mapping[str, Any]) -> list[str]:
    machine = record["machine"]
    clock, copies = machine["clock_hz"] / 1e9, machine["copy_bytes_per_s"] / 1e9
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {clock:.2f} GHz, memory copies {copies:.1f} GB/s",
        "",
        "    ratio  processor time   what, against what",
    ]
    for row in record["rows"]:
        lines.append(f"{row['ratio']:9,.3g}  {row['seconds']:12.4g} s   {row['what']} ({row['size']})")
        lines.append(f"{'':11}{row['against_seconds']:12.4g} s   against {row['against']}")
    lines += [
        f"exponent in {along}: {row['exponent']:.2f} ({row[along][0]:,} to {row[along][-1]:,})"
        for along, row in record["growth"].items()
    ]
    return lines
