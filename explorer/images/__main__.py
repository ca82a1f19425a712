"""Decode one image in this process, as `apart` asks: a file comes in, a line of JSON and the pixels go out."""

from __future__ import annotations

import json
import sys

import numpy as np

from explorer.errors import BadImage
from explorer.images.apart import MOST_BYTES, MOST_SECONDS
from explorer.images.decoding import decode_here


def limit() -> None:
    """Limit this process, where the system can do that."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, most in ((resource.RLIMIT_CPU, MOST_SECONDS), (resource.RLIMIT_AS, MOST_BYTES)):
        hardest = resource.getrlimit(kind)[1]
        least = most if hardest == resource.RLIM_INFINITY else min(most, hardest)
        try:
            resource.setrlimit(kind, (least, hardest))
        except (OSError, ValueError):  # macOS refuses a limit of the address space
            continue


def main() -> None:
    """The process itself."""
    limit()
    try:
        pixels = decode_here(sys.stdin.buffer.read())
    except BadImage as problem:
        said = {"message": str(problem), "reason": problem.reason, "values": problem.values}
        sys.stdout.write(json.dumps(said) + "\n")
        return
    sys.stdout.write(json.dumps({"shape": pixels.shape}) + "\n")
    sys.stdout.flush()
    sys.stdout.buffer.write(np.ascontiguousarray(pixels).tobytes())


if __name__ == "__main__":
    main()
