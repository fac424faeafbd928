"""Files and folders that are written whole or not at all, whatever ends the program.

They are written under a hidden name beside their place, `.NAME.HASH.PROCESS.part`, and then renamed.
What a killed program left is removed by the next one that writes to the same place.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

from ewsim.errors import RunError, UsageError

#: What makes a spreadsheet take a text for a formula; a number is harmless.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d{1,2})?", re.ASCII)
#: What this program is writing.
_parts: set[Path] = set()
#: What stays where it is for the next program, by its folder, in words.
kept: dict[Path, str] = {}
#: How many renamings are under way, and what to call once they are done.
_holding: list[Callable[[], None] | None] = []


def is_file(path: Path) -> bool:
    """Whether a file is there; a path that no system takes is not."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def sha256(path: Path) -> str:
    """The digest of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A hidden name beside a path; what still stands there at the end is removed."""
    remove_leftovers(path)
    part = path.absolute().with_name(f"{_beginning(path)}{os.getpid()}.part")
    _parts.add(part)
    try:
        yield part
    finally:
        _remove(part)
        _parts.discard(part)


def begin(path: Path) -> None:
    """A folder goes when this program is stopped, until `keep` or `let_go`."""
    _parts.add(path)


def keep(path: Path, said: str) -> None:
    """A folder stays for the next program, with what to say of it."""
    kept[path] = said
    _parts.discard(path)


def let_go(path: Path) -> None:
    """A folder of `begin` or `keep` is done with."""
    kept.pop(path, None)
    _parts.discard(path)


def remove_parts() -> None:
    """Remove everything that this program has begun to write."""
    for part in list(_parts):
        _remove(part)


def remove_leftovers(path: Path) -> None:
    """Remove what programs that were killed left beside a path."""
    for left in path.absolute().parent.glob(f"{_beginning(path).replace('[', '[[]')}*.part"):
        process = left.name.split(".")[-2]
        if left not in _parts and process.isdigit() and not _runs(int(process)):
            _remove(left)


def swap(part: Path, path: Path) -> None:
    """Put a folder in the place of another, which is removed; nothing interrupts it."""
    with beside(path.with_name(f"{path.name}.old")) as old, whole():
        path.rename(old)
        try:
            part.rename(path)
        except BaseException:
            old.rename(path)
            raise


@contextmanager
def whole() -> Iterator[None]:
    """What is inside is done whole: `held` keeps an interruption until its end."""
    _holding.append(None)
    try:
        yield
    finally:
        later = _holding.pop()
        if later is not None:
            later()


def held(later: Callable[[], None]) -> bool:
    """Whether something is being done whole; then `later` is called at its end."""
    if _holding:
        _holding[0] = later
    return bool(_holding)


def write_file(path: Path, content: bytes, *, force: bool = False) -> None:
    """Write a file whole or not at all.

    Parameters
    ----------
    path
        The file; a link stays, and what it leads to is replaced.
    content
        Its bytes.
    force
        Replace an existing file.
    """
    if str(path) == "-":
        raise UsageError("-o needs the name of a file.")
    try:
        if path.exists() and not force:
            raise UsageError(f"{path} exists already. Name another file, or add --force.")
        path = path.resolve()
        with beside(path) as part:
            if path.exists():
                part.touch(0o600)  # nobody reads it before it has the rights of the other
            part.write_bytes(content)
            if path.exists():
                shutil.copymode(path, part)
            part.replace(path)
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None


def write_files(files: Mapping[Path, bytes], *, force: bool = False) -> None:
    """Write several files, after a look at all of their places; `force` replaces existing ones."""
    for path in files:
        if path.exists() and not force:
            raise UsageError(f"{path} is there already; --force replaces it.")
    for path, content in files.items():
        write_file(path, content, force=force)


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a new folder with these files, by their paths in it, whole or not at all."""
    try:
        if folder.exists():
            raise UsageError(f"{folder} exists already. Name a new folder.")
        with beside(folder) as part:
            part.mkdir(parents=True)
            for name, content in files.items():
                (part / name).parent.mkdir(parents=True, exist_ok=True)
                (part / name).write_bytes(content)
            part.replace(folder)
    except (OSError, ValueError) as error:
        raise _unwritable(folder, error) from None


def spreadsheet_text(text: str) -> str:
    """A text for a CSV file, with an apostrophe where a spreadsheet would take it for a formula."""
    formula = text.startswith(_FORMULA) and not _NUMBER.fullmatch(text)
    return f"'{text}" if formula else text


def text_of_spreadsheet(text: str) -> str:
    """The text that `spreadsheet_text` was given."""
    return text[1:] if text.startswith("'") and spreadsheet_text(text[1:]) == text else text


def _unwritable(path: Path, error: OSError | ValueError) -> RunError:
    return RunError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.")


def _beginning(path: Path) -> str:
    """How hidden names beside a path begin: short, for any name, and of no other path."""
    return f".{path.name[:40]}.{crc32(os.fsencode(path.name)):08x}."


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    """Whether another process of this number runs; ours does not count, it knows its own parts."""
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return process != os.getpid()
