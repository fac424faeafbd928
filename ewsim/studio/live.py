"""The pages that are connected: one socket each, one thread for the session, one for long work.

Actions of all pages are done one after another. What pages are sent is put together once for all of them; a
page that takes it too slowly is let go, and gets the whole state when it comes back.
"""

import asyncio
import itertools
import json
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Lock
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from ewsim.errors import EwsimError
from ewsim.studio import actions
from ewsim.studio.guard import BURST, MOST_MESSAGE_BYTES, MOST_PAGES, RATE_HZ, Allowance
from ewsim.studio.saying import in_language
from ewsim.studio.session import Asker, StudioSession

#: Messages that may wait for one page.
_MOST_WAITING = 200
#: Codes with which a socket is closed (RFC 6455, 7.4.1): against the rules; try again later.
REFUSED, BUSY = 1008, 1013


class Live:
    """Connects pages with the session.

    Parameters
    ----------
    session
        The session, which only this object's thread touches from now on.
    """

    def __init__(self, session: StudioSession) -> None:
        self.session = session
        self._pages: dict[str, asyncio.Queue[str | None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = ThreadPoolExecutor(1, "session")
        self._workers: dict[str, Worker] = {}
        self._computing = Lock()
        self._numbers = itertools.count(1)
        self._followed = 0
        session.send = self._send
        session.run_later = self._later

    async def page(self, socket: WebSocket, role: str, language: str) -> None:
        """Serve one page until it goes.

        Parameters
        ----------
        socket
            Its socket, not accepted yet.
        role
            The role that its code gives.
        language
            The language of its sentences.
        """
        self._loop = asyncio.get_running_loop()
        await socket.accept()
        if len(self._pages) >= MOST_PAGES:
            await socket.close(BUSY, "The room is full.")
            return
        asker = Asker(f"{next(self._numbers)}-{secrets.token_hex(4)}", role=role, language=language)
        waiting: asyncio.Queue[str | None] = asyncio.Queue(_MOST_WAITING)
        self._pages[asker.id] = waiting
        sender = asyncio.create_task(_drain(socket, waiting))
        try:
            await self._in_session(self._joined, asker)
            await self._listen(socket, asker, waiting)
        except (WebSocketDisconnect, RuntimeError):  # it is closed already
            pass
        finally:
            self._pages.pop(asker.id, None)
            sender.cancel()
            await self._in_session(self._left, asker)

    async def _listen(self, socket: WebSocket, asker: Asker, waiting: asyncio.Queue[str | None]) -> None:
        allowance, refused = Allowance(BURST, RATE_HZ), 0
        while True:
            received = await socket.receive()
            if received["type"] == "websocket.disconnect":
                return
            if not allowance.take():
                refused += 1
                if refused > BURST:
                    await socket.close(REFUSED, "Too many messages.")
                    return
                fault = "The page sends too much at once. Wait a moment."
            elif (asked := read_message(received.get("text"))) is None:
                fault = "The page sent something that the studio cannot read. Reload the page."
            else:
                _put(waiting, await self._in_session(self._act, asker, asked))
                continue
            _put(waiting, in_language({"answer": None, "faults": [fault]}, asker.language))

    def close(self) -> None:
        """Wait for what is being done, and do nothing more."""
        for worker in list(self._workers.values()):
            worker.close()
        self._thread.shutdown()

    async def run_in_session(self, function: Callable[..., Any], *values: Any) -> Any:
        """Call a function in the session's own thread."""
        return await self._in_session(function, *values)

    async def _in_session(self, function: Callable[..., Any], *values: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *values)

    # --- in the session's thread ------------------------------------------------------------------

    def _joined(self, asker: Asker) -> None:
        self.session.askers[asker.id] = asker
        actions.joined(self.session, asker)
        self.session.news("you", {"id": asker.id, "role": asker.role}, (asker.id,))
        self.session.changed()
        self._follow()

    def _left(self, asker: Asker) -> None:
        self.session.askers.pop(asker.id, None)
        actions.left(self.session, asker)
        self.session.changed()

    def _act(self, asker: Asker, asked: dict[str, Any]) -> Mapping[str, Any]:
        answer = actions.act(self.session, asker, asked.get("do"), asked.get("fields"), asked.get("revision"))
        self._follow()
        return in_language({**answer, "answer": asked.get("id")}, asker.language)

    def _follow(self) -> None:
        """After a new version: everybody gets the state, and those who follow begin their work."""
        if self.session.revision != self._followed:
            self._followed = self.session.revision
            self.session.changed()
            actions.follow(self.session)

    def _send(self, kind: str, document: Any, to: tuple[str, ...] | None) -> None:
        if self._loop is None or not self._pages:
            return
        if kind == "state":
            message = {"state": actions.state_of(self.session), "revision": self.session.revision}
        else:
            message = {"news": kind, "is": document}
        askers = [one for one in self.session.askers.values() if to is None or one.id in to]
        for tag in {one.language for one in askers}:
            pages = [one.id for one in askers if one.language == tag]
            self._loop.call_soon_threadsafe(self._spread, as_text(in_language(message, tag)), pages)

    def _spread(self, text: str, to: list[str]) -> None:
        for number in to:
            if number in self._pages:
                _put_text(self._pages[number], text)

    # --- long work --------------------------------------------------------------------------------

    def _later(self, key: str, compute: Callable[[], Any], done: Callable[[Any], None], alone: bool) -> None:
        worker = self._workers.setdefault(key, Worker(key))
        worker.ask(lambda: self._computed(key, compute, done, alone))

    def _computed(
        self, key: str, compute: Callable[[], Any], done: Callable[[Any], None], alone: bool
    ) -> None:
        """In a worker's thread; models are run one at a time, since compiled ones share their threads."""
        try:
            with self._computing if alone else nullcontext():
                result = compute()
        except Exception as error:  # noqa: BLE001 - the server goes on
            faults = {"of": key, "faults": actions.faults_of(error)}
            self._thread.submit(self.session.news, "faults", faults)
        else:
            self._thread.submit(self._finish, done, result)

    def _finish(self, done: Callable[[Any], None], result: Any) -> None:
        self.session.seen = None
        try:
            done(result)
            self._follow()
        except Exception as error:  # noqa: BLE001 - the server goes on
            faults = actions.sentences(error) if isinstance(error, EwsimError) else [actions.defect(error)]
            self.session.news("faults", {"of": "", "faults": faults})


class Worker:
    """A thread for one sort of work: what is asked last is done next, what waited before is dropped.

    Parameters
    ----------
    name
        The sort of work.
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, name)
        self._waiting: Callable[[], None] | None = None
        self._lock = Lock()

    def ask(self, work: Callable[[], None]) -> None:
        """Do this next."""
        with self._lock:
            idle = self._waiting is None
            self._waiting = work
        if idle:
            self._pool.submit(self._next)

    def close(self) -> None:
        """Drop what waits, and wait for what is being done."""
        with self._lock:
            self._waiting = None
        self._pool.shutdown()

    def _next(self) -> None:
        with self._lock:
            work, self._waiting = self._waiting, None
        if work is not None:
            work()


def as_text(message: Any) -> str:
    """A message as JSON; one that cannot be said is a defect, which pages see as a sentence."""
    try:
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        number = message.get("answer") if isinstance(message, dict) else None
        text = json.dumps({"answer": number, "faults": [actions.defect(error)]})
    return text.encode(errors="replace").decode()  # half of a pair of surrogates is no character


def read_message(text: object) -> dict[str, Any] | None:
    """A message of a page as an object; None where it is none."""
    if not isinstance(text, str) or len(text) > MOST_MESSAGE_BYTES:
        return None
    try:
        message = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or not isinstance(message.get("id"), int | None):
        return None
    return message


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _put(waiting: asyncio.Queue[str | None], message: Mapping[str, Any]) -> None:
    _put_text(waiting, as_text(message))


def _put_text(waiting: asyncio.Queue[str | None], text: str) -> None:
    """Queue a message; a page that is far behind is let go."""
    try:
        waiting.put_nowait(text)
    except asyncio.QueueFull:
        while not waiting.empty():
            waiting.get_nowait()
        waiting.put_nowait(None)


async def _drain(socket: WebSocket, waiting: asyncio.Queue[str | None]) -> None:
    while True:
        text = await waiting.get()
        if text is None:
            await socket.close(BUSY, "This page is too slow.")
            return
        await socket.send_text(text)
