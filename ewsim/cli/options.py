"""Options that several commands have."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import rich_click as click

from ewsim.cli.numbers import SEED, Finite

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def file_option(*names: str, kind: str, words: str) -> Decorator:
    """An option that names a file; the help shows `kind` for it, and `words`."""
    return click.option(*names, type=click.Path(path_type=Path), metavar=kind, help=words)


def max_offshore_option(words: str) -> Decorator:
    """The option for the distance off the land."""
    return click.option(
        "--max-offshore-m", type=Finite(min=0), default=30_000.0, show_default=True, help=words
    )


places_option = file_option(
    "--places",
    kind="FILE.csv|FILE.tif|FILE.geojson",
    words="Where people live, for a table of cells: places, a raster, zones.",
)
seed_option = click.option("--seed", type=SEED, help="Use this seed, not the scenario's.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
policy_option = click.option(
    "--policy",
    "name",
    default="default",
    show_default=True,
    metavar="NAME|FILE",
    help="Whose rules apply: a country, or your own YAML file.",
)
trust_option = click.option(
    "--trust",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PEM",
    help="Read only what one of these certificates (or one it certifies) signed.",
)


def with_seed(sets: tuple[str, ...], seed: int | None) -> tuple[str, ...]:
    """The changes of a scenario, with that of `--seed`."""
    return sets if seed is None else (*sets, f"seed={seed}")


def _address(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"(tcp|tls)://[^\s/]+:\d{1,5}", value):
        raise click.UsageError(f"--scheduler takes an address as tcp://HOST:8786, not {value!r}.")
    return value


scheduler_option = click.option(
    "--scheduler",
    metavar="tcp://HOST:PORT",
    callback=_address,
    help="Run on the workers of this dask scheduler.",
)


def many_runs(workers: int | None, scheduler: str | None, replications: int) -> int | str:
    """Who makes the runs: processes of this machine, or a scheduler's workers, who are for several runs.

    Parameters
    ----------
    workers
        Processes; None: one for each core.
    scheduler
        The address of a dask scheduler, None without one.
    replications
        How many runs there are.
    """
    if scheduler is not None and replications == 1:
        raise click.UsageError("--scheduler is for several runs. Give --replications, or leave it out.")
    return scheduler or workers or available_cores()


def available_cores() -> int:
    """The cores that this process may use."""
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def changes_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The changes of a scenario, for commands that take a finished run in its place."""
    sets = click.option(
        "--set", "sets", metavar="KEY=VALUE", multiple=True, help="For a scenario: change one value."
    )
    return click.option("--arm", help="For a scenario: run this named variant.")(sets(command))
