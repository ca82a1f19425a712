"""This machine, and whether a process on it lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def host_name() -> str:
    """Name of this machine in `slots`."""
    return socket.gethostname()


def is_process(pid: int) -> bool:
    """Whether a process of this number lives on this machine: False for one that has ended and waits to be collected.

    It may be another one that got the same number meanwhile. On Windows, where asking would end it, always False.
    """
    if os.name == "nt" or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except PermissionError:  # somebody else's
        return True
    except (ProcessLookupError, OverflowError):
        return False
    except (OSError, IndexError):  # no /proc here, as on a Mac
        return True
    return state not in "ZX"
