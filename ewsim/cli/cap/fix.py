"""`ewsim cap fix`: safe fixes, shown as a diff and written where asked."""

import sys
from pathlib import Path

import rich_click as click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--write", is_flag=True, help="Write the fixed message over the file.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write it to this file.")
@click.option("--break-signature", is_flag=True, help="Write even though the signature will no longer match.")
@click.option("--force", is_flag=True, help="Replace the file of -o.")
def fix(file: Path, write: bool, output: Path | None, break_signature: bool, force: bool) -> None:
    """Fix what needs no decision: order, rings, empty optionals, offsets, upper and lower case.

    Prints a unified diff, and the faults you must fix yourself. Writes only with --write or -o. With
    -o the file is always written, even if there is nothing to fix.

    \b
    ewsim cap fix alert.xml
    ewsim cap fix alert.xml -o fixed.xml
    """
    from ewsim.cap.tools.repair import repair_message
    from ewsim.cli.cap.files import clean, name_of, number, read_file
    from ewsim.errors import UsageError
    from ewsim.files import write_file

    name = name_of(file)
    if write and (output is not None or name != str(file)):
        raise UsageError(
            "--write writes over the file that is named; standard input has none, and -o names another."
        )
    source = read_file(file)
    fixed = repair_message(source, name)
    click.echo(fixed.diff(), nl=False)
    for change in fixed.fixes:
        print(clean(str(change)), file=sys.stderr)
    if not fixed.fixes:
        print(clean(f"{name}: nothing to fix without asking."), file=sys.stderr)
    print(f"{name}: {_left(fixed.after.encode(), name)}", file=sys.stderr)
    if fixed.signed and fixed.fixes:
        print(f"{name}: is signed; once fixed, its signature no longer matches.", file=sys.stderr)
    if not (output or (write and fixed.fixes)):
        return
    if fixed.signed and fixed.fixes and not break_signature:
        raise UsageError(
            f"{name} is signed and was not written. Fix the unsigned original and sign it again, "
            "or add --break-signature."
        )
    made = fixed.after.encode() if fixed.fixes else source
    write_file(output or file, made, force=force or output is None)
    changes = number(len(fixed.fixes), "change") if fixed.fixes else "unchanged"
    print(f"{output or file}: written, {changes}.", file=sys.stderr)


def _left(source: bytes, file: str) -> str:
    """What a check of the fixed message would still call an error."""
    from ewsim.cap.validator import validate
    from ewsim.cli.cap.files import number

    errors = [f.rule for f in validate(source, file).findings if f.severity == "error"]
    if not errors:
        return "no error is left."
    names = ", ".join(dict.fromkeys(errors))
    are = "is" if len(errors) == 1 else "are"
    return f"{number(len(errors), 'error')} {are} left to you ({names}); see ewsim cap check."
