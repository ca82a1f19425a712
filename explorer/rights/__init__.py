"""Who may do what on a server that several people share: its mode, the lecturer's key, and limits.

Law: plain values and errors alone; no Streamlit, no database, no torch. Every call that trains, searches, stops,
deletes, fetches, clears or takes a file asks here, below the widgets: a button that is not shown protects nothing.

CONVNET_ATLAS_CLASS              full (default)  every visitor may do everything, but not with what others have started
                                 train           visitors train, search and upload; the rest is the lecturer's
                                 watch           visitors only look
CONVNET_ATLAS_LECTURER_KEY       what the lecturer types once to be known; or
CONVNET_ATLAS_LECTURER_KEY_FILE  a file with it in its first line
CONVNET_ATLAS_LIMITS             other limits than those of `limits`, as in "runs=4 upload_mb=100"
"""

from explorer.rights.lecturers import Lecturers, lecturers
from explorer.rights.limits import Limits, limits
from explorer.rights.modes import ACTIONS, MACHINE, MODES, Visitor, check, may, mode
from explorer.rights.settings import check_settings

__all__ = [
    "ACTIONS",
    "MACHINE",
    "MODES",
    "Lecturers",
    "Limits",
    "Visitor",
    "check",
    "check_settings",
    "lecturers",
    "limits",
    "may",
    "mode",
]
