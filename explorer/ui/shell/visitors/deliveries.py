"""Who may hand over files now: sessions with an uploader on their page, up to so many megabytes a file.

Streamlit takes files for any session at any time, and keeps them until the session is gone. `ui/letterbox.py` asks
here before it lets one in; what a page with no uploader any more has taken is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.ui.shell import session

_MOST_SESSIONS = 1_000  # known at once, before those that are gone are looked for


@dataclass(slots=True)
class Expected:
    """What a session may hand over: `megabytes` a file, 0 for none; `drawn` is that of the drawing that goes on."""

    visitor: str
    megabytes: int = 0
    drawn: int = 0


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The sessions of this server that have drawn an uploader; safe to share between threads."""

    _lock: Lock = field(default_factory=Lock)
    _sessions: dict[str, Expected] = field(default_factory=dict)

    def expect(self, session_id: str, visitor: str, megabytes: int) -> None:
        """An uploader for files of so many megabytes is drawn."""
        with self._lock:
            if len(self._sessions) >= _MOST_SESSIONS and runtime.exists():
                gone = [one for one in self._sessions if not runtime.get_instance().is_active_session(one)]
                for one in gone:
                    del self._sessions[one]
            known = self._sessions.setdefault(session_id, Expected(visitor))
            known.megabytes, known.drawn = max(known.megabytes, megabytes), max(known.drawn, megabytes)

    def begin(self, session_id: str) -> None:
        """A whole page begins to be drawn. What was expected still is: a file may be on its way."""
        with self._lock:
            if known := self._sessions.get(session_id):
                known.drawn = 0

    def settle(self, session_id: str) -> bool:
        """The whole page is drawn: only what it has asked for is expected now. Whether nothing is any more."""
        with self._lock:
            if known := self._sessions.get(session_id):
                known.megabytes = known.drawn
                if not known.drawn:
                    del self._sessions[session_id]
                    return True
            return False

    def expected(self, session_id: str) -> int:
        """Megabytes of the largest file that a session may hand over; 0 for none."""
        with self._lock:
            known = self._sessions.get(session_id)
            return known.megabytes if known else 0

    def visitor_of(self, session_id: str) -> str:
        """Whose session it is; "" for one that has no uploader."""
        with self._lock:
            known = self._sessions.get(session_id)
            return known.visitor if known else ""

    def sessions_of(self, visitor: str) -> tuple[str, ...]:
        """The sessions of a visitor that have an uploader."""
        with self._lock:
            return tuple(one for one, known in self._sessions.items() if known.visitor == visitor)


deliveries = Deliveries()
"""Those of this server."""


def expect(megabytes: int) -> None:
    """An uploader is drawn in this session."""
    if context := get_script_run_ctx(suppress_warning=True):
        deliveries.expect(context.session_id, session.visitor().secret, megabytes)


def begin() -> None:
    """A page of this session begins to be drawn."""
    if context := get_script_run_ctx(suppress_warning=True):
        deliveries.begin(context.session_id)


def settle() -> None:
    """It is drawn. Where it has no uploader any more, the files that it has taken are dropped."""
    context = get_script_run_ctx(suppress_warning=True)
    if context and deliveries.settle(context.session_id) and runtime.exists():
        runtime.get_instance().uploaded_file_mgr.remove_session_files(context.session_id)
