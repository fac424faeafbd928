"""The command line: parse arguments, call one function, print, exit.

Heavy imports happen inside the commands, so that `ewsim --help` answers at once. This module turns
every error into a message and an exit code (`ewsim.errors`).
"""

import errno
import os
import sys
from collections.abc import Sequence

import rich_click as click
from click.exceptions import Exit

from ewsim import interrupt
from ewsim.cli.lazy import LazyGroup
from ewsim.cli.terminal import drop_output, open_streams
from ewsim.errors import EwsimError, RunError
from ewsim.version import __version__

#: Each command: where it lives, and its line in the help.
COMMANDS = {
    "run": ("ewsim.cli.run:run", "Run a scenario: who was reached, when, who was missed and why."),
    "compare": ("ewsim.cli.compare:compare", "Compare arms of a scenario, or runs, person by person."),
    "advise": ("ewsim.cli.advise:advise", "Try measures on a scenario: which of them win most people?"),
    "optimise": ("ewsim.cli.advise:optimise", "Choose where deployables, power and crews win most."),
    "sweep": ("ewsim.cli.sweep:sweep", "Vary keys and assumptions: what changes the answer most?"),
    "scenario": ("ewsim.cli.groups:scenario", "Check, list and start scenario files."),
    "country": ("ewsim.cli.groups:country", "Start a scenario of a real country from your files."),
    "cap": ("ewsim.cli.groups:cap", "Check, fix, plan, write and sign CAP messages."),
    "network": ("ewsim.cli.groups:network", "Check, import and show tables of cells and sites."),
    "report": ("ewsim.cli.report:report", "Write the report of a finished run again."),
    "replay": ("ewsim.cli.report:replay", "Write the replay of a finished run again."),
    "survey": ("ewsim.cli.results.survey:survey", "Compare a finished run with a survey of people."),
    "export": ("ewsim.cli.report:export", "Write a finished run for other programs: maps, tables."),
    "wire": ("ewsim.cli.groups:wire", "Real protocol messages of warnings."),
    "exercise": ("ewsim.cli.groups:exercise", "Make exercises for training."),
    "studio": ("ewsim.cli.machine.studio:studio", "Plan, teach and try an alert on a map, in a browser."),
    "validate": (
        "ewsim.cli.validate:validate",
        "Compare the models with exact formulas and published results.",
    ),
    "completion": ("ewsim.cli.machine.completion:completion", "Let the Tab key complete commands."),
    "bench": ("ewsim.cli.machine.bench:bench", "Measure the speed of this machine and the engines."),
}

click.rich_click.TEXT_MARKUP = "ansi"
click.rich_click.MAX_WIDTH = 100


@click.group(
    cls=LazyGroup,
    where={name: where for name, (where, _) in COMMANDS.items()},
    lines={name: line for name, (_, line) in COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="ewsim")
def cli() -> None:
    """Simulate a warning over mobile networks: who was reached, when, who was missed and why.

    \b
    ewsim run scenarios/island_cyclone.yaml -o out
    ewsim scenario new my_island.yaml
    ewsim scenario check my_island.yaml
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line and exit with its code."""
    open_streams()
    code = run(arguments)
    interrupt.done(code)
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; its exit code."""
    try:
        done = cli.main(args=None if arguments is None else list(arguments), standalone_mode=False)
        sys.stdout.flush()
    except Exit as stop:
        return stop.exit_code
    except click.Abort:
        return _interrupted()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except EwsimError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:  # the reader of our output has closed it
        drop_output()
        return 0
    except MemoryError:
        print(
            "ewsim: there is too little memory. A larger population.weight (people that one row stands "
            "for) needs less.",
            file=sys.stderr,
        )
        return RunError.exit_code
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            drop_output()
            print(f"ewsim: {error.strerror}.", file=sys.stderr)
            return RunError.exit_code
        if os.environ.get("EWSIM_TRACEBACK"):
            raise
        print(
            f"ewsim: a defect in ewsim, not in your input: {type(error).__name__}: {error}\n"
            "Please report it with the scenario. EWSIM_TRACEBACK=1 shows where it happened.",
            file=sys.stderr,
        )
        return 1
    return done if isinstance(done, int) else 0  # click returns the code of an Exit


def _interrupted() -> int:
    print("ewsim: interrupted; nothing is left half written.", file=sys.stderr)
    return 130
