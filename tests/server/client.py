"""A program that talks to a server as a browser does, and says whatever it wants."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from explorer.ui.shell.session import VISITOR

PATIENCE = 300.0  # seconds: the first page that needs torch imports it, beside other tests
_BOUNDARY, _XSRF = "a-boundary-of-our-own", "_streamlit_xsrf"


@dataclass
class Client:
    """One session: on a port of this machine, under the name of a host; with a certificate authority, by TLS."""

    port: int
    host: str
    visitor: str
    line: ClientConnection
    tls: ssl.SSLContext | None = None
    session: str = ""

    def send(self, message: BackMsg) -> None:
        self.line.send(message.SerializeToString())

    def receive(self) -> ForwardMsg:
        got = ForwardMsg()
        received = self.line.recv(PATIENCE)
        assert isinstance(received, bytes)
        got.ParseFromString(received)
        return got

    def open(self, page: str, query: str) -> None:
        """Open a page, and wait until it is drawn."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        self.send(message)
        while (got := self.receive()).WhichOneof("type") != "script_finished":
            if got.HasField("new_session"):
                self.session = got.new_session.initialize.session_id
        self.answers(BackMsg(app_heartbeat=True))

    def answers(self, *messages: BackMsg) -> list[str]:
        """What the server answers to messages, the last of which is a heartbeat."""
        for message in messages:
            self.send(message)
        found = []
        while "heartbeat_ack" not in found:
            found.append(str(self.receive().WhichOneof("type")))
        return found

    def put(self, megabytes: float, name: str = "1", *, announced: bool = True) -> int:
        """Hand over a file as an uploader would; the status of the answer."""
        token = dict(re.findall(rf"({_XSRF})=([^;]+)", self.ask("GET", "/_stcore/health").headers)).get(_XSRF, "")
        head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        body = head.encode() + bytes(int(megabytes * 2**20)) + f"\r\n--{_BOUNDARY}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
            "Cookie": f"{VISITOR}={self.visitor}; {_XSRF}={token}",
            "X-Xsrftoken": token,
        }
        path = f"/_stcore/upload_file/{self.session}/{name}"
        return self.ask("PUT", path, body if announced else iter([body]), headers).status

    def ask(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        return ask(self.port, self.host, self.tls, method, path, body, headers)


@dataclass(frozen=True)
class Answer:
    """The status of an answer, and its headers as text."""

    status: int
    headers: str


def ask(
    port: int,
    host: str,
    tls: ssl.SSLContext | None,
    method: str,
    path: str,
    body: object = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """Ask a server on this machine by the name of a host."""
    line = _Named(host, port, tls) if tls else http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        line.request(method, path, body, {"Host": f"{host}:{port}", **(headers or {})})  # type: ignore[arg-type]
        got = line.getresponse()
        got.read()
        return Answer(got.status, str(got.headers))
    finally:
        line.close()


class _Named(http.client.HTTPSConnection):
    """By TLS to this machine, whatever the name of the host says."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=PATIENCE, context=tls)
        self._create_connection = lambda *rest: socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


@contextmanager
def client(
    port: int, visitor: str, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None, origin: str | None = None
) -> Iterator[Client]:
    """A session that is open for the time of a block. Raises `websockets.InvalidStatus` where none is opened."""
    kind = "ws" if tls is None else "wss"
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as way,
        connect(
            f"{kind}://{host}:{port}/_stcore/stream",
            sock=way,
            ssl=tls,
            origin=origin,  # type: ignore[arg-type]
            additional_headers={"Cookie": f"{VISITOR}={visitor}"},
            max_size=None,
            open_timeout=PATIENCE,
        ) as line,
    ):
        yield Client(port, host, visitor, line, tls)
