"""From the command line to a running studio: its folders, its socket, its address."""

import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ewsim.errors import RunError, UsageError
from ewsim.studio.guard import Guard, codes_kept_in
from ewsim.studio.server import Listening, Site, listen, server_of
from ewsim.studio.session import StudioSession
from ewsim.studio.starting.beginnings import gathered, shipped, startables
from ewsim.studio.starting.choosing import begin_with


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for.

    `what` is a scenario or a finished run, None to go on where the last studio ended; `port` None: any.
    """

    what: Path | None = None
    share: bool = False
    port: int | None = None
    folder: Path = Path("studio")
    scenarios: tuple[Path, ...] = ()
    browser: bool = True


def run_studio(wish: Wish, say: Callable[[str], None]) -> None:
    """Serve a studio until the program ends; `say` prints its address."""
    listening = listen(wish.port, share=wish.share)
    with alone_in(wish.folder, f"http://127.0.0.1:{listening.port}/"):
        _run(wish, listening, say)


def _run(wish: Wish, listening: Listening, say: Callable[[str], None]) -> None:
    session = prepared(wish)
    hosts = ["127.0.0.1", "localhost", *listening.addresses]
    codes = codes_kept_in(wish.folder / ".studio.codes") if wish.share else None
    guard = Guard(hosts, listening.port, shared=wish.share, codes=codes)
    session.links = [
        f"http://{address}:{listening.port}/?code={guard.codes['observer']}"
        for address in listening.addresses
    ]
    site = Site(session, guard)
    own = addresses(listening, guard, session.links, say)
    if wish.browser:
        threading.Thread(target=webbrowser.open, args=(own,), daemon=True).start()
    server_of(site.app).run(sockets=listening.sockets)


@contextmanager
def alone_in(folder: Path, address: str) -> Iterator[None]:
    """Hold the studio's folder, so that no other studio writes into it; the system lets go for a killed one.

    Raises
    ------
    RunError
        Another studio holds it, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / ".studio.lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise RunError(f"{folder} cannot be written: {error.strerror}. Name another with --folder.") from None
    with file:
        try:
            _lock(file.fileno())
        except OSError:
            file.seek(0)
            other = f" at {place}" if (place := file.read(100)) else ""
            fix = "Use it there, or name another folder with --folder."
            raise RunError(f"Another studio has {folder} open{other}. {fix}") from None
        file.truncate(0)
        file.write(address)
        file.flush()
        yield


def _lock(file: int) -> None:
    """Lock an open file for this process; raises OSError where another has it."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined, unused-ignore]
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def prepared(wish: Wish) -> StudioSession:
    """The session with what the command line names, or with what was open last."""
    for folder in wish.scenarios:
        if not folder.is_dir():
            raise UsageError(f"{folder}: there is no such folder. Name a folder of scenarios.")
    session = StudioSession(wish.folder)
    brought = shipped()
    known = {one.path.resolve() for one in brought if not one.preset}
    mine = startables([folder for folder in (*wish.scenarios, Path("scenarios")) if folder.is_dir()])
    session.choices = [*(one for one in mine if one.path.resolve() not in known), *brought]
    if wish.what is None:
        session.resume()
    else:
        begin_with(session, gathered(wish.what))
    return session


def addresses(listening: Listening, guard: Guard, links: list[str], say: Callable[[str], None]) -> str:
    """Print the addresses and codes; the lead's own address.

    Parameters
    ----------
    listening
        The sockets.
    guard
        Has the codes.
    links
        The addresses at which others join.
    say
        Prints a line.
    """
    lead = f"http://127.0.0.1:{listening.port}/"
    if guard.codes:
        lead += f"?code={guard.codes['lead']}"
    say(f"The studio is at {lead}")
    for link in links:
        say(f"Others join at {link}")
    if guard.codes and not listening.addresses:
        say("This machine has no address on a network, so nobody can join. Connect it, and start again.")
    if guard.codes:
        say(f"Their code is {guard.codes['observer']}. It goes over this network unencrypted.")
    say("Ctrl-C ends it; your work is saved.")
    return lead
