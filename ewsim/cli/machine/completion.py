"""`ewsim completion`: the Tab key completes commands, options and files."""

import os
from pathlib import Path

import rich_click as click

SHELLS = ("bash", "zsh", "fish")
#: zsh completes by functions that a plain set-up has not loaded yet.
_LOADED = "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS), required=False)
@click.option("--install", is_flag=True, help="Set it up for this user instead of printing the script.")
def completion(shell: str | None, install: bool) -> None:
    """Let the Tab key complete commands, options and files, in bash, zsh or fish.

    Without a name it is for the shell of $SHELL. It works if you call the program as ewsim.

    \b
    ewsim completion --install
    ewsim completion zsh > _ewsim
    """
    from click.shell_completion import get_completion_class

    from ewsim.cli import cli
    from ewsim.errors import RunError, UsageError

    shell = shell or Path(os.environ.get("SHELL", "")).name
    made = get_completion_class(shell) if shell in SHELLS else None
    if made is None:
        raise UsageError(f"Name a shell: {', '.join(SHELLS)}.")
    script = made(cli, {}, "ewsim", "_EWSIM_COMPLETE").source()
    if not install:
        click.echo(script)
        return
    try:
        where = _install(shell, script)
    except OSError as error:
        where = error.filename or "The script"
        raise RunError(f"{where} cannot be written: {error.strerror or error}.") from None
    click.echo(f"{shell} completes ewsim in new terminals: {where}.")


def _install(shell: str, script: str) -> str:
    """Write the script where the shell reads it, or has it read by a line in the shell's own file."""
    home = Path.home()
    if shell == "fish":
        settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
        file = settings / "fish" / "completions" / "ewsim.fish"
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
        file = data / "ewsim" / f"completion.{shell}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text((_LOADED if shell == "zsh" else "") + script, encoding="utf-8")
    if shell == "fish":
        return str(file)
    own = home / ".bashrc" if shell == "bash" else Path(os.environ.get("ZDOTDIR") or home) / ".zshrc"
    line = f'[ -r "{file}" ] && . "{file}"'
    text = own.read_text(encoding="utf-8", errors="surrogateescape") if own.exists() else ""
    if line not in text.splitlines():
        with own.open("a", encoding="utf-8") as added:
            added.write("\n" * bool(text and not text.endswith("\n")) + line + "\n")
    return f"{file}, which {own} reads"
