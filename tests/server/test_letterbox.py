"""A real server that is sent what no page sends: files that nobody waits for, and messages that empty caches."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from explorer.ui.shell.session import VISITOR
from tests.server.serving import PATIENCE, Server, serving

WITH_UPLOADER, WITHOUT = "lang=en&pic=upload", "lang=en"
BOUNDARY = "a-boundary-of-our-own"


class Client:
    """A program that talks to the server as a browser does, and says whatever it wants."""

    def __init__(self, server: Server, line: ClientConnection, visitor: str) -> None:
        self.server, self.line, self.visitor, self.session = server, line, visitor, ""

    def send(self, message: BackMsg) -> None:
        self.line.send(message.SerializeToString())

    def open(self, page: str, query: str) -> None:
        """Open a page, and wait until it is drawn."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = page
        self.send(message)
        self.drawn()

    def drawn(self) -> None:
        while True:
            got = ForwardMsg()
            got.ParseFromString(self.line.recv(PATIENCE))  # type: ignore[arg-type]
            if got.HasField("new_session"):
                self.session = got.new_session.initialize.session_id
            if got.WhichOneof("type") == "script_finished":
                return

    def put(self, megabytes: float, name: str = "1", *, announced: bool = True) -> int:
        """Hand over a file as an uploader would; the status of the answer."""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        body = head.encode() + bytes(int(megabytes * 2**20)) + f"\r\n--{BOUNDARY}--\r\n".encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.server.port}/_stcore/host-config") as answer:
            token = dict(re.findall(r"(_streamlit_xsrf)=([^;]+)", str(answer.headers.get_all("Set-Cookie"))))
        cookies = f"{VISITOR}={self.visitor}; _streamlit_xsrf={token.get('_streamlit_xsrf', '')}"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.server.port}/_stcore/upload_file/{self.session}/{name}",
            data=body if announced else iter([body]),
            method="PUT",
            headers={
                "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
                "Cookie": cookies,
                "X-Xsrftoken": token.get("_streamlit_xsrf", ""),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code


@contextmanager
def client(server: Server, visitor: str) -> Iterator[Client]:
    headers = {"Cookie": f"{VISITOR}={visitor}"}
    url = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    with connect(url, additional_headers=headers, max_size=None, open_timeout=PATIENCE) as line:
        yield Client(server, line, visitor)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with room for 20 MB of a visitor's files, and 30 MB in all."""
    home = tmp_path_factory.mktemp("server")
    with serving(home, CONVNET_ATLAS_LIMITS="upload_mb=20 all_upload_mb=30") as one:
        yield one


def test_a_file_is_taken_where_a_page_waits_for_one_and_dropped_with_its_page(server: Server) -> None:
    with client(server, "visitor-1") as one:
        assert one.put(0.1) == 403, "no session"
        one.open("maps", WITHOUT)
        assert one.put(0.1) == 403, "no uploader"
        one.open("maps", WITH_UPLOADER)
        assert one.put(14, "a") == 204
        assert one.put(16, "b") == 413, "larger than an image may be"
        assert one.put(14, "b") == 413, "more than a visitor may hold"
        assert one.put(1, "b", announced=False) == 411
        one.open("maps", "lang=en&pic=cat")
        assert one.put(0.1, "b") == 403
        one.open("maps", WITH_UPLOADER)
        assert one.put(14, "b") == 204, "the first was dropped when its uploader was gone"


def test_two_sessions_of_a_visitor_count_as_one_and_all_visitors_together(server: Server) -> None:
    with client(server, "visitor-2") as one, client(server, "visitor-2") as two, client(server, "visitor-3") as third:
        for each in (one, two, third):
            each.open("maps", WITH_UPLOADER)
        assert one.put(11) == 204
        assert two.put(11) == 413
        assert third.put(12) == 204
        assert third.put(8, "2") == 503
        for each in (one, two, third):
            each.open("maps", WITHOUT)


@pytest.mark.parametrize("kind", ["clear_cache", "install_skills", "set_run_on_save", "load_git_info", "nothing"])
def test_messages_that_no_page_sends_are_dropped(server: Server, kind: str) -> None:
    with client(server, "visitor-4") as one:
        one.open("atlas", "lang=en")
        message = BackMsg()
        if kind == "install_skills":
            message.backend_operation_request.session_id = one.session
            message.backend_operation_request.request_id = "1"
            message.backend_operation_request.install_skills.SetInParent()
        elif kind != "nothing":
            setattr(message, kind, True)
        one.send(message)
        beat = BackMsg(app_heartbeat=True)
        one.send(beat)
        answers = []
        while "heartbeat_ack" not in answers:
            got = ForwardMsg()
            got.ParseFromString(one.line.recv(PATIENCE))  # type: ignore[arg-type]
            answers.append(got.WhichOneof("type"))
        assert answers == ["heartbeat_ack"], "the first message has no answer, and changed nothing"


def test_who_may_only_watch_hands_over_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, CONVNET_ATLAS_CLASS="watch") as server, client(server, "visitor-5") as one:
        one.open("maps", WITH_UPLOADER)
        assert one.put(0.1) == 403


def test_a_server_whose_settings_are_none_does_not_start(tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match="CONVNET_ATLAS_CLASS is 'wacht'"),
        serving(tmp_path, CONVNET_ATLAS_CLASS="wacht"),
    ):
        pass
