"""A real server that is sent what no page sends: files that nobody waits for, and messages that empty caches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.server.client import client
from tests.server.serving import Server, serving

WITH_UPLOADER, WITHOUT = "lang=en&pic=upload", "lang=en"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with room for 20 MB of a visitor's files, and 30 MB in all."""
    home = tmp_path_factory.mktemp("server")
    with serving(home, CONVNET_ATLAS_LIMITS="upload_mb=20 all_upload_mb=30") as one:
        yield one


def test_a_file_is_taken_where_a_page_waits_for_one_and_dropped_with_its_page(server: Server) -> None:
    with client(server.port, "visitor-1") as one:
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
        one.open("maps", WITHOUT)


def test_two_sessions_of_a_visitor_count_as_one_and_all_visitors_together(server: Server) -> None:
    with (
        client(server.port, "visitor-2") as one,
        client(server.port, "visitor-2") as two,
        client(server.port, "visitor-3") as third,
    ):
        for each in (one, two, third):
            each.open("maps", WITH_UPLOADER)
        assert one.put(11) == 204
        assert two.put(11) == 413
        assert third.put(12) == 204
        assert third.put(7.5, "2") == 503
        for each in (one, two, third):
            each.open("maps", WITHOUT)


@pytest.mark.parametrize("kind", ["clear_cache", "install_skills", "set_run_on_save", "load_git_info", "nothing"])
def test_messages_that_no_page_sends_are_dropped(server: Server, kind: str) -> None:
    with client(server.port, "visitor-4") as one:
        one.open("atlas", "lang=en")
        message = BackMsg()
        if kind == "install_skills":
            message.backend_operation_request.session_id = one.session
            message.backend_operation_request.request_id = "1"
            message.backend_operation_request.install_skills.SetInParent()
        elif kind != "nothing":
            setattr(message, kind, True)
        answers = one.answers(message, BackMsg(app_heartbeat=True))
        assert answers == ["heartbeat_ack"], "the first message has no answer, and changed nothing"


def test_who_may_only_watch_hands_over_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, CONVNET_ATLAS_CLASS="watch") as server, client(server.port, "visitor-5") as one:
        one.open("maps", WITH_UPLOADER)
        assert one.put(0.1) == 403


def test_a_server_whose_settings_are_none_does_not_start(tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match="CONVNET_ATLAS_CLASS is 'wacht'"),
        serving(tmp_path, CONVNET_ATLAS_CLASS="wacht"),
    ):
        pass
