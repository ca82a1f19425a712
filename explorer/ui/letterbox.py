"""What visitors may send: the messages of a page, and files for an uploader that is on it.

Streamlit would also empty everybody's caches for anybody, write files beside the app, and keep in memory whatever file
is sent for a session that lives. None of it needs a button: a message is enough.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import cast
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from explorer import rights
from explorer.rights import Visitor
from explorer.ui.shell.session import VISITOR
from explorer.ui.shell.visitors.deliveries import deliveries

_ASKS = "backend_operation_request"
_MESSAGES = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", _ASKS})
_OPERATIONS = frozenset({"deferred_file", "dataframe_chunk"})  # a download made on demand, rows of a long table
_UPLOADS = "/_stcore/upload_file/"
_MEGABYTE, _FRAMING = 2**20, 64 * 2**10  # what a form adds to its file
_MOST_READ = 257 * _MEGABYTE  # of a file that is refused: read and thrown away


class _Refused(Exception):
    """A file that is not let in: the status of the answer, and why; `size` is what it announced, in bytes."""

    def __init__(self, status: HTTPStatus, why: str, size: float = math.inf) -> None:
        self.status, self.size = status, size
        super().__init__(why)


class Letterbox:
    """ASGI middleware: drops messages that no page sends, and refuses files that no page waits for, or too many."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._arriving: Counter[str] = Counter()  # bytes on their way, by visitor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "websocket":
            await self.app(scope, _sifted(receive), send)
            return
        if scope["type"] != "http" or scope["method"] != "PUT" or _UPLOADS not in scope["path"]:
            await self.app(scope, receive, send)
            return
        try:
            with self._room(scope):
                await self.app(scope, receive, send)
        except _Refused as problem:
            if problem.size <= _MOST_READ:  # else the line is cut, and a browser hears no reason
                while (await receive()).get("more_body"):
                    pass
            await PlainTextResponse(str(problem), problem.status)(scope, receive, send)

    @contextmanager
    def _room(self, scope: Scope) -> Iterator[None]:
        """Keep room for a file while it arrives. Raises `_Refused`."""
        size = _length(Headers(scope=scope))
        secret = HTTPConnection(scope).cookies.get(VISITOR, "")
        if not rights.may(Visitor(secret, leads=rights.lecturers.knows(secret)), "upload"):
            raise _Refused(HTTPStatus.FORBIDDEN, "On this server only the lecturer may upload files.", size)
        session_id = unquote(scope["path"].partition(_UPLOADS)[2]).partition("/")[0]
        most = deliveries.expected(session_id) * _MEGABYTE
        if not most:
            raise _Refused(HTTPStatus.FORBIDDEN, "There is no uploader on the page of this session.", size)
        if size > most + _FRAMING:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The file is larger than its uploader takes.", size)
        limits, visitor = rights.limits(), deliveries.visitor_of(session_id)
        own = _held(deliveries.sessions_of(visitor)) + self._arriving[visitor]
        if own + size > limits.upload_mb * _MEGABYTE:
            why = f"A visitor may hold {limits.upload_mb} MB of files."
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why, size)
        if _held() + self._arriving.total() + size > limits.all_upload_mb * _MEGABYTE:
            raise _Refused(HTTPStatus.SERVICE_UNAVAILABLE, "The server holds as many files as it may.", size)
        self._arriving[visitor] += size
        try:
            yield
        finally:
            self._arriving[visitor] -= size
            self._arriving += Counter()  # without those that have nothing on its way


def _length(headers: Headers) -> int:
    """The size that a request announces; what announces none, as no browser does, could be of any size."""
    said = headers.get("content-length", "")
    if not (said.isascii() and said.isdigit()):
        raise _Refused(HTTPStatus.LENGTH_REQUIRED, "A file has to announce its size.")
    return int(said)


def _held(sessions: tuple[str, ...] | None = None) -> int:
    """Bytes of the files that sessions have in memory, by default all."""
    if not runtime.exists():
        return 0
    storage = cast(MemoryUploadedFileManager, runtime.get_instance().uploaded_file_mgr).file_storage
    files = [tuple(storage.get(one, {}).values()) for one in (tuple(storage) if sessions is None else sessions)]
    return sum(len(file.data) for each in files for file in each)


def _sifted(receive: Receive) -> Receive:
    """The same messages, without those that no page of ours sends."""

    async def next_of_ours() -> Message:
        while True:
            message = await receive()
            if message["type"] != "websocket.receive" or _is_ours(message.get("bytes")):
                return message

    return next_of_ours


def _is_ours(data: bytes | None) -> bool:
    if data is None:
        return True  # text: Streamlit closes the line
    sent = BackMsg()
    try:
        sent.ParseFromString(data)
    except Exception:
        return True  # none at all: the same
    kind = sent.WhichOneof("type")
    if kind == _ASKS:
        return sent.backend_operation_request.WhichOneof("payload") in _OPERATIONS
    return kind in _MESSAGES
