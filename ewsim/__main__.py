"""`python -m ewsim`, and the command `ewsim`."""

#: New objects after which Python looks for garbage: with its own 700 that is a seventh of the time in
#: which modules load and a country is checked, and nearly nothing is garbage.
_OBJECTS = 50_000


def main() -> None:
    """Run the command line; Ctrl-C and SIGTERM count from here, while modules load too."""
    import gc

    from ewsim import interrupt

    gc.set_threshold(_OBJECTS)
    interrupt.stop_at_once()
    from ewsim.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
