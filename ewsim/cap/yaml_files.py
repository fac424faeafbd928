"""Profiles and policies as YAML files: those that come with the program, and the user's own."""

import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator

from ewsim.errors import UnreadableError, UsageError
from ewsim.scenario import document as documents
from ewsim.scenario.document import Document, Sort

SUFFIXES: Final = (".yaml", ".yml")


def is_file(name: str) -> bool:
    """Whether a name is the path of a user's file, and not the name of one that is shipped."""
    return name.endswith((*SUFFIXES, ".toml"))


@dataclass(frozen=True)
class Shelf:
    """Files of one sort: `package` and `folder` hold those that come with the program.

    `words` are what the command line takes besides their names.
    """

    sort: Sort
    package: str
    folder: str
    words: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """The names of the shipped files."""
        files = (resources.files(self.package) / self.folder).iterdir()
        return tuple(sorted(file.name[:-5] for file in files if file.name.endswith(".yaml")))

    def document(self, name: str) -> Document:
        """A shipped file by its name, or a user's by its path.

        Raises
        ------
        UsageError
            There is no such name, the file cannot be opened, or it is TOML.
        InputError
            The file is not YAML.
        """
        noun = self.sort.noun
        if name in self.names():
            text = (resources.files(self.package) / self.folder / f"{name}.yaml").read_text("utf-8")
            return documents.parse(text, f"{name}.yaml", self.sort)
        if name.endswith(".toml"):
            new = Path(name).with_suffix(".yaml")
            raise UsageError(
                f"{name} is TOML, and a {noun} is YAML: write it as {new}, beginning with "
                f"`{self.sort.first_line}`; docs/guides/cap_profiles.md shows every key."
            )
        if not is_file(name):
            there = ", ".join((*self.words, *self.names()))
            raise UsageError(f"There is no {noun} {name!r}; there are {there}.")
        try:
            Path(name).open("rb").close()
        except OSError as error:
            raise UnreadableError.of(name, error) from None
        return documents.read(Path(name), self.sort)


def _compiled(pattern: object) -> re.Pattern[str]:
    if not isinstance(pattern, str):
        raise ValueError("a pattern is text; put it in quotes")  # noqa: TRY004 - pydantic's contract
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"it is not a regular expression ({error})") from None


def _is_pattern(text: str) -> str:
    _compiled(text)
    return text


#: A regular expression of Python; and one that is kept as text.
Pattern = Annotated[re.Pattern[str], BeforeValidator(_compiled)]
PatternText = Annotated[str, AfterValidator(_is_pattern)]
