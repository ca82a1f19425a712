"""Visitors of one server, without a browser: each has a session of its own, which can end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from streamlit.runtime import caching
from streamlit.runtime.caching import cache_resource_api
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext, add_script_run_ctx
from streamlit.runtime.state import SafeSessionState, SessionState


class Visitor:
    """One session; `does` runs something in a script of it, `leaves` is what Streamlit does when it ends."""

    def __init__(self, name: str) -> None:
        self.context = ScriptRunContext(
            session_id=name,
            _enqueue=lambda message: None,
            query_string="",
            session_state=SafeSessionState(SessionState(), lambda: None),
            uploaded_file_mgr=MemoryUploadedFileManager("/mock"),
            main_script_path="",
            user_info={},
            fragment_storage=MemoryFragmentStorage(),
            pages_manager=PagesManager(""),
        )

    def does(self, call: Callable[..., Any], *args: Any) -> Any:
        """What a call returns, made in this visitor's session. Raises what it raises."""
        outcome: dict[str, Any] = {}

        def script() -> None:
            try:
                outcome["found"] = call(*args)
            except BaseException as problem:
                outcome["problem"] = problem

        thread = threading.Thread(target=script)
        add_script_run_ctx(thread, self.context)
        thread.start()
        thread.join()
        if "problem" in outcome:
            raise outcome["problem"]
        return outcome["found"]

    def leaves(self) -> None:
        """The session ends (`AppSession.clear_session_caches`)."""
        caching.clear_session_data_cache(self.context.session_id)
        caching.clear_session_resource_cache(self.context.session_id)


def kept_for_everybody() -> dict[str, set[str]]:
    """The keys of all that lies in caches that every session reads, by the function that computed it."""
    shared = cache_resource_api._resource_caches._function_caches.get(None, {})
    return {cache.display_name: set(cache._mem_cache) for cache in shared.values()}
