"""The studio's server: the page, its scripts, one socket a page, uploads and downloads.

`ROOMS` are the modules whose actions the page has; a new one is added there.
"""

import asyncio
import importlib
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import resources
from typing import Any
from urllib.parse import quote, unquote

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from ewsim.errors import EwsimError, RunError
from ewsim.report import templating
from ewsim.report.speech import languages, speech_of
from ewsim.studio.guard import (
    HEADERS,
    MOST_HEADER_BYTES,
    MOST_MESSAGE_BYTES,
    UPLOAD_S,
    UPLOADS_AT_ONCE,
    Guard,
)
from ewsim.studio.live import REFUSED, Live
from ewsim.studio.offers import MOST_BYTES, Offered
from ewsim.studio.saying import in_language, known_language
from ewsim.studio.session import StudioSession

#: Modules that register actions and parts of the state, in the order of the state.
ROOMS = (
    "ewsim.studio.starting.choosing",
    "ewsim.studio.ground",
    "ewsim.studio.alert.doing",
    "ewsim.studio.watch.panel",
    "ewsim.studio.helping.doing",
    "ewsim.studio.classroom.doing",
    "ewsim.studio.leaving.doing",
)
#: The panels of the page, by the name that scripts give them.
PANELS = {
    "start": "Start",
    "alert": "Alert",
    "watch": "Send and watch",
    "help": "What would help",
    "class": "Classroom",
    "leave": "Take away",
}
#: Scripts and style sheets of the page, by the name of their address.
SCRIPTS = (
    "studio",
    "start",
    "alert",
    "drawing",
    "pencil",
    "corners",
    "message",
    "watch",
    "figures",
    "palette",
    "help",
    "classroom",
    "leaving",
    "words",
)
#: The port, unless another is asked for; if it is in use, one of the next.
PORT, _NEXT_PORTS = 8765, 20


@dataclass(frozen=True, slots=True)
class Listening:
    """Sockets that are bound, and the addresses under which others reach them."""

    sockets: list[socket.socket]
    port: int
    addresses: list[str] = field(default_factory=list)


def listen(port: int | None, *, share: bool = False) -> Listening:
    """Bind a port, on this machine alone or on the network too.

    Parameters
    ----------
    port
        The port; None: 8765, or the next that is free.
    share
        Whether others on the network may reach it.

    Raises
    ------
    RunError
        The port is in use, or may not be used.
    """
    wanted = range(PORT, PORT + _NEXT_PORTS) if port is None else (port,)
    for number in wanted:
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("0.0.0.0" if share else "127.0.0.1", number))  # noqa: S104 - the user asks for it
            one.listen(128)
        except (OSError, OverflowError) as error:
            one.close()
            reason = getattr(error, "strerror", None) or error
            continue
        return Listening([one], one.getsockname()[1], own_addresses() if share else [])
    if port is None:
        reason = "it and those after it are in use"
    raise RunError(f"The studio cannot listen on port {port or PORT}: {reason}. Choose another with --port.")


def own_addresses() -> list[str]:
    """The addresses of this machine on its network; looking them up sends nothing."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(
                ("192.0.2.1", 9)
            )  # for documentation (RFC 5737); a datagram socket sends nothing here
            found.append(str(probe.getsockname()[0]))
        except OSError:  # a network that leads nowhere else: what this machine calls itself
            with suppress(OSError):
                found += socket.gethostbyname_ex(socket.gethostname())[2]
    return [address for address in found if not address.startswith(("127.", "0."))]


class Site:
    """The pages of a studio, and their answers.

    Parameters
    ----------
    session
        What the pages show and change.
    guard
        Who may come in.
    """

    def __init__(self, session: StudioSession, guard: Guard) -> None:
        for name in ROOMS:
            importlib.import_module(name)
        self.live = Live(session)
        self.session = session
        self.guard = guard
        self._files = _page_files()
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)
        routes = [
            Route("/", self.page),
            Route("/page/{name}", self.asset),
            Route("/words/{tag}", self.words),
            Route("/upload", self.upload, methods=["POST"]),
            Route("/out/{token}", self.download),
            WebSocketRoute("/live", self.socket),
        ]
        self.app: ASGIApp = Entrance(Starlette(routes=routes), guard)

    async def page(self, request: Request) -> Response:
        """The page; with a code in its address, a cookie with that code and the page without it."""
        code = request.query_params.get("code")
        if code is not None:
            answer: Response = RedirectResponse("/", 303)
            if self.guard.role(code, _address(request.scope)) is not None:
                answer.set_cookie(self.guard.cookie, code, httponly=True, samesite="strict")
            return answer
        say = speech_of(known_language(request.query_params.get("lang")))
        panels = [(name, say(title)) for name, title in PANELS.items()]
        html = templating.render("studio.html", say=say, languages=_language_names(), panels=panels)
        return Response(html, media_type="text/html; charset=utf-8")

    async def asset(self, request: Request) -> Response:
        """A script or style sheet of the page."""
        found = self._files.get(request.path_params["name"])
        if found is None:
            return Response("There is no such file.", 404, media_type="text/plain")
        return Response(found[0], media_type=found[1])

    async def words(self, request: Request) -> Response:
        """The words of the page in a language, by their English text."""
        return JSONResponse(dict(speech_of(known_language(request.path_params["tag"])).catalogue))

    async def upload(self, request: Request) -> Response:
        """Take a file of the lead into memory; its token."""

        def refused(fault: str, status: int) -> Response:
            language = known_language(request.query_params.get("lang"))
            return JSONResponse(in_language({"faults": [fault]}, language), status)

        if request.scope["ewsim.role"] == "observer":
            return refused("Only whoever leads opens files.", 403)
        content = bytearray()
        if self._uploads.locked():
            return refused("Too many files come at once. Wait a moment.", 503)
        try:
            async with self._uploads, asyncio.timeout(UPLOAD_S):
                async for chunk in request.stream():
                    content += chunk
                    if len(content) > MOST_BYTES:
                        fault = f"The file is larger than {MOST_BYTES // 1_000_000} MB. Use a smaller one."
                        return refused(fault, 413)
        except (TimeoutError, ClientDisconnect):
            return refused("The file did not come in time. Send it again.", 408)
        name = unquote(request.headers.get("x-name", "file"))[:400]
        token = await self.live.run_in_session(self.session.offers.add, Offered(name, bytes(content)))
        return JSONResponse({"upload": token})

    async def download(self, request: Request) -> Response:
        """Give a file that was offered; it is never shown as a page of the studio."""
        try:
            offered = await self.live.run_in_session(self.session.offers.take, request.path_params["token"])
        except EwsimError as error:
            return Response(str(error), 404, media_type="text/plain; charset=utf-8")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(offered.name, safe='')}"}
        return Response(offered.content, media_type=offered.kind, headers=headers)

    async def socket(self, socket: WebSocket) -> None:
        """One page, until it goes."""
        language = known_language(socket.query_params.get("lang"))
        await self.live.page(socket, socket.scope["ewsim.role"], language)


class Entrance:
    """Lets nobody through who is not one of ours; adds the headers of every answer.

    Parameters
    ----------
    app
        What is behind it.
    guard
        Who may come in.
    """

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app = app
        self._guard = guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at a request, and pass it on or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers, address = Headers(scope=scope), _address(scope)
        host, origin = headers.get("host"), headers.get("origin")
        if not self._guard.host_is_ours(host):
            await _refuse(
                scope, receive, send, "This address is not the studio's. Use the one that it printed."
            )
            return
        if not self._guard.may_ask(address):
            await _refuse(scope, receive, send, "Too many requests come at once. Wait a moment.")
            return
        asks = scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and origin is None
        if not asks and not self._guard.origin_is_ours(origin, host):
            await _refuse(scope, receive, send, "Only the studio's own page may ask for this.")
            return
        entering = scope["type"] == "http" and scope["path"] == "/" and b"code=" in scope["query_string"]
        role = self._guard.role(self._guard.code_of(headers.get("cookie")), address)
        if role is None and not entering:
            await _refuse(scope, receive, send, "Open the studio with the link that has its code.")
            return
        scope["ewsim.role"] = role

        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                extra = [(key.lower().encode(), value.encode()) for key, value in headers_at(host)]
                message = {**message, "headers": [*message.get("headers", ()), *extra]}
            await send(message)

        await self._app(scope, receive, with_headers)


def headers_at(host: str | None) -> list[tuple[str, str]]:
    """The headers of answers at a host: browsers complain of Cross-Origin-Opener-Policy off this machine."""
    own = (host or "").startswith(("127.0.0.1:", "localhost:"))
    return [one for one in HEADERS.items() if own or one[0] != "Cross-Origin-Opener-Policy"]


async def _refuse(scope: Scope, receive: Receive, send: Send, sentence: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": REFUSED, "reason": sentence})
        return
    answer = Response(sentence, 403, dict(HEADERS), "text/plain; charset=utf-8")
    await answer(scope, receive, send)


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _page_files() -> dict[str, tuple[bytes, str]]:
    """The files of the page by name, with their media types: nothing else is ever read."""
    here = resources.files("ewsim.studio").joinpath("page")
    found = {f"{name}.js": here.joinpath(f"{name}.js").read_bytes() for name in SCRIPTS}
    found |= {name: str(templating.asset(name)).encode() for name in ("map.js", "map_signs.js")}
    typed = {name: (content, "text/javascript; charset=utf-8") for name, content in found.items()}
    typed["terms.json"] = (here.joinpath("terms.json").read_bytes(), "application/json")
    return {**typed, "studio.css": (here.joinpath("studio.css").read_bytes(), "text/css; charset=utf-8")}


def _language_names() -> list[tuple[str, str]]:
    return [(tag, str(speech_of(tag).locale.get_display_name() or tag)) for tag in languages()]


class _Server(uvicorn.Server):
    """A server that leaves signals to the program: Ctrl-C ends it at once, and nothing is half written."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Take no signal."""
        yield


def server_of(app: ASGIApp) -> uvicorn.Server:
    """A server that runs until the program ends, or until its `should_exit` is set."""
    config = uvicorn.Config(
        app,
        log_config=None,
        lifespan="off",
        ws="websockets-sansio",
        ws_max_size=MOST_MESSAGE_BYTES,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        timeout_keep_alive=10,
        limit_concurrency=400,
        server_header=False,
        date_header=False,
    )
    return _Server(config)
