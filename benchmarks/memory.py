"""The server's memory while one visitor walks through every network: `python -m benchmarks.memory`.

Of each network its shapes, its feature maps, why it answers as it does and what its units want are asked for, with
random weights: what would stay for ever, if results were kept by number alone. Prints what is held when a page is there
and the most that was ever held, within a computation too where the system keeps that (Linux); aim: at most 3 GB with
all networks, on a laptop of 8 GB. The ratio is that of the most to the first eight networks.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from benchmarks._size import size
from benchmarks._stopwatch import ROOT, served
from benchmarks.visitors import visitor
from explorer.summaries import specs

FEW = size(8, tiny=1)
NETWORKS = size(tuple(specs()), tiny=("lenet5", "cifar-resnet20"))
PAGES = ("pipeline?net={}", "maps?net={}&weights=random", "why?net={}&weights=random", "units?net={}&weights=random")


def resident(pid: int) -> float:
    """GB of memory that a process holds."""
    said = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(said.stdout) / 1e6


def peak(pid: int) -> float:
    """GB that a process held at most, as Linux counts it; elsewhere what it holds now."""
    status = Path(f"/proc/{pid}/status")
    most = re.search(r"VmHWM:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(most[1]) / 1e6 if most else resident(pid)


def main() -> None:
    most: list[float] = []
    with served(ROOT) as (address, server), visitor(address) as one:
        for count, slug in enumerate(NETWORKS, start=1):
            for page in PAGES:
                one.look(page.format(slug))
            most.append(max([peak(server.pid), *most[-1:]]))
            if count % FEW == 0 or count == len(NETWORKS):
                print(f"{count} networks: {resident(server.pid):.2f} GB, at most {most[-1]:.2f}", flush=True)
    few = most[min(FEW, len(most)) - 1]
    print(f"all networks / the first {FEW} = {most[-1] / few:.2f} (aim: at most 3 GB in all)")


if __name__ == "__main__":
    main()
