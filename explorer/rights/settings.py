"""The settings of a class, checked when a server starts rather than when somebody comes."""

from __future__ import annotations

from explorer.rights.lecturers import lecturer_key
from explorer.rights.limits import limits
from explorer.rights.modes import mode


def check_settings() -> None:
    """Raise `BadSetting` where a setting is none: a server that would be opened by a slip of the pen does not start."""
    mode()
    limits()
    lecturer_key()
