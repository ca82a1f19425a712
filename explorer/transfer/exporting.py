"""A taught head to take away: its weights as safetensors, and a short Python file that runs it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence

from explorer.models import Model
from explorer.transfer.teaching import Head

WEIGHTS, CODE = "head.safetensors", "classify.py"

_CODE = '''"""Says which of the taught classes an image shows: python classify.py photograph.jpg

Run it where ConvNet Atlas lies (its folder, its Python): the network and its weights come from there, the head from
head.safetensors beside this file.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors import safe_open

from explorer.images import decode
from explorer.models import pretrained_model
from explorer.transfer import without_head

with safe_open(Path(__file__).with_name("head.safetensors"), "pt") as file:
    weight, bias = file.get_tensor("weight"), file.get_tensor("bias")  # (classes, D), (classes,)
    about = json.loads(file.metadata()["about"])

model = pretrained_model(about["network"])
body = without_head(model)


def classify(path: str) -> dict[str, float]:
    """The probability of each class for an image file."""
    x = model.preprocess(decode(Path(path).read_bytes()))  # (1, C, H, W)
    with torch.inference_mode():
        logits = body(x) @ weight.T + bias  # (1, classes)
    return dict(zip(about["classes"], logits.softmax(1)[0].tolist(), strict=True))


if __name__ == "__main__":
    for name, share in sorted(classify(sys.argv[1]).items(), key=lambda item: -item[1]):
        print(f"{100 * share:5.1f} %  {name}")
'''


def archive(head: Head, model: Model, names: Sequence[str]) -> bytes:
    """A zip file with both. `names` are the classes, all different; no image is in it."""
    from safetensors.torch import save

    about = {"network": model.spec.slug, "source": model.id, "classes": list(names)}
    weights = save({"weight": head.weight, "bias": head.bias}, {"about": json.dumps(about, ensure_ascii=False)})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr(WEIGHTS, weights)
        files.writestr(CODE, _CODE)
    return buffer.getvalue()
