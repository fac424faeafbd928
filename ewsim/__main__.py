"""`python -m ewsim`, and the command `ewsim`."""

from __future__ import annotations


def main() -> None:
    """Run the command line; Ctrl-C and SIGTERM count from here, while modules load too."""
    from ewsim import interrupt

    interrupt.stop_at_once()
    from ewsim.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
