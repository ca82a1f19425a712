"""Every benchmark still runs and prints its ratios, in its smallest size; what they say is not looked at."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.conftest import NAMES as BROWSERS

ROOT = Path(__file__).parents[2]
SOURCES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "benchmarks").glob("[!_]*.py"))}
RATIO = re.compile(r" / .* = (\d+\.\d+)")


def test_make_bench_runs_all_of_them() -> None:
    (listed,) = re.findall(r"for name in ([\w ]+);", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert sorted(listed.split()) == list(SOURCES)


@pytest.mark.parametrize("name", SOURCES)
def test_it_runs_and_prints_its_ratio(name: str) -> None:
    """In CI a browser is there; a person's machine may have none."""
    with_browser = "chromium()" in SOURCES[name]
    if with_browser and not os.environ.get("CHROMIUM") and not any(map(shutil.which, BROWSERS)):
        if os.environ.get("CI"):
            pytest.fail("no browser", pytrace=False)
        pytest.skip("no browser")
    environment = {**os.environ, "BENCHMARKS": "tiny", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    ratios = [float(found) for found in RATIO.findall(done.stdout)]
    assert ratios, done.stdout
    assert all(ratio > 0 for ratio in ratios)
