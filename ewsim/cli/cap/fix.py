"""`ewsim cap fix`: safe mends, shown as a diff and written where asked."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--write", is_flag=True, help="Write the mended message over the file.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write it to this file.")
@click.option("--break-signature", is_flag=True, help="Write though a signature will not match.")
@click.option("--force", is_flag=True, help="Replace the file of -o.")
def fix(file: Path, write: bool, output: Path | None, break_signature: bool, force: bool) -> None:
    """Mend what needs no decision: order, rings, empty optionals, offsets, upper and lower case.

    Prints a unified diff, and what is left to you; writes only with --write or -o.

    \b
    ewsim cap fix alert.xml
    ewsim cap fix alert.xml -o mended.xml
    """
    from ewsim.cap.tools.repair import repair_message
    from ewsim.cli.cap.files import clean, name_of, number, read_file
    from ewsim.cli.files import write_file
    from ewsim.errors import UsageError

    name = name_of(file)
    if write and (output is not None or name != str(file)):
        raise UsageError(
            "--write writes over the file that is named; standard input has none, and -o names another."
        )
    mended = repair_message(read_file(file), name)
    click.echo(mended.diff(), nl=False)
    for mend in mended.mends:
        print(clean(str(mend)), file=sys.stderr)
    if not mended.mends:
        print(clean(f"{name}: nothing that can be mended without asking."), file=sys.stderr)
    print(f"{name}: {_left(mended.after.encode(), name)}", file=sys.stderr)
    if mended.signed and mended.mends:
        print(f"{name}: is signed; mended, its signature no longer matches.", file=sys.stderr)
    target = output or (file if write else None)
    if target is None or not mended.mends:
        return
    if mended.signed and not break_signature:
        raise UsageError(
            f"{name} is signed and was not written. Mend the unsigned original and sign it again, "
            "or add --break-signature."
        )
    write_file(target, mended.after.encode(), force=force or output is None)
    print(f"{target}: written, {number(len(mended.mends), 'mend')}.", file=sys.stderr)


def _left(source: bytes, file: str) -> str:
    """What a check of the mended message would still call an error."""
    from ewsim.cap.validator import validate
    from ewsim.cli.cap.files import number

    errors = [f.rule for f in validate(source, file).findings if f.severity == "error"]
    if not errors:
        return "no error is left."
    names = ", ".join(dict.fromkeys(errors))
    are = "is" if len(errors) == 1 else "are"
    return f"{number(len(errors), 'error')} {are} left to you ({names}); see ewsim cap check."
