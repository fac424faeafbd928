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
def fix(file: Path, write: bool, output: Path | None, break_signature: bool) -> None:
    """Mend what needs no decision: order, rings, empty optionals, offsets, upper and lower case.

    Prints a unified diff; writes only with --write or -o.

    \b
    ewsim cap fix alert.xml
    ewsim cap fix alert.xml -o mended.xml
    """
    from ewsim.cap.repair import repair
    from ewsim.cli.cap_files import read_file, write_file
    from ewsim.errors import UsageError

    mended = repair(read_file(file), str(file))
    click.echo(mended.diff(), nl=False)
    for mend in mended.mends:
        print(mend, file=sys.stderr)
    if not mended.mends:
        print(f"{file}: nothing that can be mended without asking.", file=sys.stderr)
        return
    if mended.signed:
        print(f"{file}: is signed; mended, its signature no longer matches.", file=sys.stderr)
    target = output or (file if write else None)
    if target is None:
        return
    if mended.signed and not break_signature:
        raise UsageError(
            f"{file} is signed and was not written. Mend the unsigned original and sign it again, "
            "or add --break-signature."
        )
    write_file(target, mended.after.encode())
    print(f"{target}: written, {len(mended.mends)} mends.", file=sys.stderr)
