"""The server's memory while one visitor walks through every network: `python -m benchmarks.memory`.

Of each network its shapes, its feature maps, why it answers as it does and what its units want are asked for, with
random weights: what would stay for ever, if results were kept by number alone. It is read when a page is there; a peak
within a computation is not in it. Prints the most (aim: at most 3 GB with all networks, on a laptop of 8 GB) and the
ratio of it to the first eight networks.
"""

from __future__ import annotations

import subprocess

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


def main() -> None:
    held: list[float] = []
    with served(ROOT) as (address, server), visitor(address) as one:
        for count, slug in enumerate(NETWORKS, start=1):
            for page in PAGES:
                one.look(page.format(slug))
                held.append(resident(server.pid))
            if count % FEW == 0 or count == len(NETWORKS):
                print(f"{count} networks: {held[-1]:.2f} GB, at most {max(held):.2f}", flush=True)
    few = max(held[: len(PAGES) * FEW])
    print(f"all networks / the first {FEW} = {max(held) / few:.2f} (aim: at most 3 GB in all)")


if __name__ == "__main__":
    main()
