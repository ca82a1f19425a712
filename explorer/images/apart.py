"""Decode an image in a process of its own, which ends alone where it takes too much time or memory, or crashes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore

import numpy as np

from explorer.errors import BadImage

MOST_SECONDS, MOST_BYTES = 10, 3 * 2**30
"""Processor time and address space of the process. 50 million pixels of AVIF take two seconds and a gigabyte."""

_PATIENCE = 60  # seconds by the clock: on a busy machine, and where processor time cannot be limited

_slots = BoundedSemaphore(2)  # visitors' images at a time: that bounds the memory


def decoded_apart(data: bytes) -> np.ndarray:
    """What `decode` gives, uint8 (H, W, 3), read-only, from a process of its own. Raises `BadImage`."""
    root = Path(__file__).parents[2]
    paths = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH", ""))))
    with _slots:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "explorer.images"],
                input=data,
                capture_output=True,
                timeout=_PATIENCE,
                cwd=root,
                env={**os.environ, "PYTHONPATH": paths},
            )
        except subprocess.TimeoutExpired as error:
            raise _exhausting() from error
    head, _, pixels = done.stdout.partition(b"\n")
    if done.returncode or not head:
        raise _exhausting()
    said = json.loads(head)
    if "shape" not in said:
        problem = BadImage(said["message"])
        problem.reason, problem.values = said["reason"], said["values"]
        raise problem
    return np.frombuffer(pixels, np.uint8).reshape(said["shape"])


def _exhausting() -> BadImage:
    return BadImage(
        "Decoding this image takes more time or memory than one image is given; save it anew, smaller, as PNG or JPEG.",
        "exhausting",
    )
