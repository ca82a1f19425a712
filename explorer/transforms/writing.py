"""The code of a chain: plain torchvision, which draws the same when it is pasted."""

from __future__ import annotations

import inspect
from enum import Enum
from typing import Any

from explorer.records import Chain, Given, Step
from explorer.transforms.chains import mixes
from explorer.transforms.contract import Call, settings, transform


def code(chain: Chain, given: Given, seed: int, count: int) -> str:
    """A program that reads `image.png` (and `partner.png`, where images are mixed) and draws the sheet of a seed.

    Its `draws` are those of `draw_sheet` for this seed, pixel for pixel. Transforms that torchvision does not have
    stand in it as they are written here.
    """
    mode = "L" if given.shape[0] == 1 else "RGB"
    mixing = mixes(chain)
    steps = chain.steps[:-1] if mixing else chain.steps
    own = dict.fromkeys(kind for step in chain.steps if _is_own(kind := _call(step, given).kind))
    files = ("image", "partner") if mixing else ("image",)
    parts = [
        "import torch\nfrom PIL import Image\nfrom torchvision.transforms import v2",
        *map(inspect.getsource, own),
        _composed(steps, given),
        *([_pair(chain.steps[-1], given)] if mixing else ()),
        "\n".join(f'{file} = v2.functional.pil_to_tensor(Image.open("{file}.png").convert("{mode}"))' for file in files)
        + f"  # uint8 {given.shape}",
        f"torch.manual_seed({seed})\ndraws = [{'mixed' if mixing else 'chain'}({', '.join(files)})"
        f" for _ in range({count})]",
    ]
    return "".join(map(_spaced, parts, [*parts[1:], ""])).rstrip() + "\n"


def _spaced(part: str, following: str) -> str:
    """Two empty lines before and after a class or a function, else one."""
    return part.strip() + ("\n\n\n" if "    return " in part or following.startswith("class ") else "\n\n")


def _composed(steps: tuple[Step, ...], given: Given) -> str:
    if not steps:
        return "chain = v2.Identity()"
    lines = "".join(f"        {written(step, given)},\n" for step in steps)
    return f"chain = v2.Compose(\n    [\n{lines}    ]\n)"


def _pair(step: Step, given: Given) -> str:
    return f"""mix = {written(step, given)}


def mixed(image, partner):
    pair = torch.stack([chain(image), chain(partner)]).float()  # (2, C, H, W)
    images, labels = mix(pair, torch.tensor([0, 1]))
    return images[0].round().to(torch.uint8)
"""


def written(step: Step, given: Given) -> str:
    """One step of a chain as it stands in a list of transforms."""
    spec, call = transform(step.slug), _call(step, given)
    p = f"{step.probability:g}"
    arguments = [f"{name}={_written(value)}" for name, value in call.arguments]
    if spec.gated:
        arguments.append(f"p={p}")
    text = f"{'' if _is_own(call.kind) else 'v2.'}{call.kind.__name__}({', '.join(arguments)})"
    text = f"v2.ToPILImage(), {text}, v2.PILToTensor()" if call.pil else text
    return text if spec.gated or step.probability == 1 else f"v2.RandomApply([{text}], p={p})"


def _call(step: Step, given: Given) -> Call:
    return transform(step.slug).call(settings(step), given)


def _is_own(kind: type) -> bool:
    return kind.__module__.startswith("explorer.")


def _written(value: Any) -> str:
    return f"v2.{type(value).__name__}.{value.name}" if isinstance(value, Enum) else repr(value)
