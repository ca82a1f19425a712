"""What is handed out runs: the exported file, executed on an image that was saved, says what the page says."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import torch
from PIL import Image

from explorer.images import decode, load
from explorer.models import pretrained_model
from explorer.transfer import archive, features_of, fit, probabilities, without_head

ROOT = Path(__file__).parents[2]
NAMES = ("Tigger", '跳跳虎 "x" \\ <b>', "neither")


def test_the_exported_code_says_what_the_head_says(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    model = pretrained_model("efficientnet-lite0")
    body = without_head(model)
    features = torch.stack([features_of(body, model, load(slug)) for slug in ("cat", "coffee", "rocket", "brick")])
    head = fit(features, [0, 1, 2, 2], 3)
    with zipfile.ZipFile(io.BytesIO(archive(head, model, NAMES))) as files:
        assert sorted(files.namelist()) == ["classify.py", "head.safetensors"]
        files.extractall(tmp_path)
    Image.fromarray(load("astronaut")).save(tmp_path / "asked.png")
    code = "import classify, json; print(json.dumps(classify.classify('asked.png')))"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}", "OMP_NUM_THREADS": "1"}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    import json

    said = json.loads(run.stdout)
    asked = features_of(body, model, decode((tmp_path / "asked.png").read_bytes()))
    assert list(said) == list(NAMES)
    torch.testing.assert_close(torch.tensor(list(said.values())), probabilities(head, asked), atol=1e-5, rtol=1e-4)
    told = subprocess.run(
        [sys.executable, "classify.py", "asked.png"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    best = max(said, key=said.__getitem__)
    assert told.stdout.splitlines()[0] == f"{100 * said[best]:5.1f} %  {best}"
