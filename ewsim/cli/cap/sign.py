"""`ewsim cap sign`: an enveloped signature on a message."""

import sys
from pathlib import Path

import rich_click as click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", required=True, type=click.Path(path_type=Path), help="Private key, PEM.")
@click.option(
    "--cert", required=True, type=click.Path(path_type=Path), help="Its certificate, PEM; a chain may follow."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File; default: print it.")
@click.option("--force", is_flag=True, help="Replace the file of -o.")
def sign(file: Path, key: Path, cert: Path, output: Path | None, force: bool) -> None:
    """Sign a message: RSA or ECDSA with SHA-256, over the whole alert.

    \b
    ewsim cap sign alert.xml --key my.key --cert my.pem -o signed.xml
    ewsim cap check signed.xml --trust my_authority.pem
    """
    from ewsim.cap.signature.signing import sign as make
    from ewsim.cap.validator import validate
    from ewsim.cli.cap.files import clean, name_of, number, read_file
    from ewsim.files import write_file

    message, name = read_file(file), name_of(file)
    source = make(message, name, key=read_file(key), certificate=read_file(cert))
    wrong = sum(f.severity == "error" for f in validate(message, name).findings)
    if wrong:
        warning = f"{name}: warning: signed with {number(wrong, 'error')} in it; see ewsim cap check."
        print(clean(warning), file=sys.stderr)
    if output is None:
        click.echo(source, nl=False)
    else:
        write_file(output, source, force=force)
