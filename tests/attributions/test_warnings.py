"""Captum's warnings about its hooks are silenced for the process, not around each call, which threads would undo."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import pytest

from explorer.attributions import attribute, methods
from tests.attributions.conftest import subject

SILENT = """
import torch
from torch import nn
from explorer.attributions import attribute
net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3)).eval()
for method in ("deeplift", "guided-backprop"):
    print(attribute(net, torch.ones(1, 1, 4, 4), method, 1).values.shape)
"""


def test_no_warning_is_seen_where_every_warning_is_an_error() -> None:
    command = [sys.executable, "-W", "error::UserWarning", "-c", SILENT]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert done.stdout.split("\n")[:2] == ["(4, 4)"] * 2, done.stderr
    assert not done.stderr


@pytest.mark.parametrize("method", ["deeplift", "guided-backprop"])
def test_the_filters_of_other_threads_are_left_alone(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("`catch_warnings` affects all threads")

    network, _, x = subject("lenet5")
    methods()  # imports captum, whose own imports do it once
    with monkeypatch.context() as patched:
        patched.setattr(warnings, "catch_warnings", refused)
        attribute(network, x, method, 1)
