"""Groups that import a command only when it runs, so that help is fast."""

import functools
import importlib
from collections.abc import Callable, Mapping
from typing import Any

import rich_click as click
from click.exceptions import Exit

from ewsim.cli.terminal import begin, drop_output

#: Functions of commands that say when they begin.
_OURS: set[Callable[..., Any]] = set()
_LISTING = "ewsim.listing"


class LazyGroup(click.RichGroup):
    """A group of commands that are named, not imported.

    Parameters
    ----------
    where
        Each command's "module:name", in the order of the help.
    lines
        Each command's line in the group's help; with them the help imports no command.
    """

    def __init__(
        self, *args: Any, where: Mapping[str, str], lines: Mapping[str, str] | None = None, **settings: Any
    ) -> None:
        super().__init__(*args, **settings)
        self.where = where
        self.lines = lines or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        del ctx
        return list(self.where)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command; for the list in the help only its line, where it has one."""
        if cmd_name not in self.where:
            return None
        if ctx.meta.get(_LISTING) and cmd_name in self.lines:
            return click.RichCommand(name=cmd_name, help=self.lines[cmd_name])
        module, name = self.where[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        callback = command.callback
        if callback is not None and not isinstance(command, click.Group) and callback not in _OURS:

            @functools.wraps(callback)
            def begun(*args: Any, **settings: Any) -> Any:
                begin()
                return callback(*args, **settings)

            command.callback = begun
            _OURS.add(begun)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; click would make an error of output that its reader has closed."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            drop_output()
            raise Exit(0) from None

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help of the group itself."""
        ctx.meta[_LISTING] = True
        super().format_help(ctx, formatter)  # type: ignore[arg-type]
