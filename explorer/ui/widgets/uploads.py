"""Files that a visitor hands over: held in memory only, and refused in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from starlette.formparsers import MultiPartParser

from explorer.errors import BadWeights
from explorer.images import MOST_MEGABYTES
from explorer.ui.shell.visitors import deliveries, permission
from explorer.ui.shell.words import sentences, t

# What is uploaded would be written to a temporary file from one megabyte on; 0 keeps all of it in memory, up to the
# limit that the server is started with. Set before the first page with an uploader can be drawn.
MultiPartParser.spool_max_size = 0


def ask(label: str, key: str, suffixes: Sequence[str], megabytes: int, note: str) -> Any:
    """An uploader with its limits in words; the file, or None. Where uploads are reserved, a sentence instead."""
    (file,) = several(label, key, suffixes, megabytes, label_visibility="collapsed") or (None,)
    if not permission.reserved("upload"):
        st.caption(sentences(note, t("upload.private")))
    return file


def several(label: str, key: str, suffixes: Sequence[str], megabytes: int, **look: Any) -> Sequence[Any]:
    """An uploader, of one file unless `look` says otherwise; the files. Where uploads are reserved, a sentence."""
    if why := permission.reserved("upload"):
        st.caption(why)
        return ()
    deliveries.expect(megabytes)
    found = st.file_uploader(label, type=list(suffixes), key=key, max_upload_size=megabytes, **look)
    return found if isinstance(found, list) else [found] if found else ()


def photograph(label: str, key: str, **look: Any) -> Any:
    """A camera; the photograph, or None. Where uploads are reserved, a sentence instead."""
    if why := permission.reserved("upload"):
        st.caption(why)
        return None
    deliveries.expect(MOST_MEGABYTES)
    return st.camera_input(label, key=key, **look)


def show_problems(problem: BadWeights) -> None:
    """Every key of a file of weights that does not fit."""
    if not problem.problems:
        return
    with st.expander(t("upload.problems", count=len(problem.problems))):
        rows = [
            {"key": key, "problem": t(f"upload.{kind}"), "found": found, "wanted": wanted}
            for key, kind, found, wanted in problem.problems
        ]
        st.dataframe(rows, hide_index=True, column_config={name: t(f"upload.column_{name}") for name in rows[0]})
