"""Take models through a test set, view by view."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import torch
from torch import Tensor, nn

from explorer import datasets
from explorer.averaging.grouping import groups_for
from explorer.averaging.presets import Plan
from explorer.averaging.schemes import views_of
from explorer.averaging.scoring import averaged, right, to_bytes, to_shares
from explorer.averaging.views import canvases, cut, softmax_over
from explorer.datasets import ImageData
from explorer.models import Model, pretrained_model, shipped_model
from explorer.records import AveragedSet, MemberShares, SchemeShares, View
from explorer.tracing import trace_shapes
from explorer.training import Normalizer, best_device

EXAMPLES = 10
"""Images that are kept of each kind."""

Said = Callable[[str], None]


def model_of(model_id: str) -> Model:
    """A model that ships, or that a package has. Raises `UnknownEntry`, `BadWeights`."""
    kind, _, name = model_id.partition(":")
    return pretrained_model(name) if kind == "pretrained" else shipped_model(name)


def measure(plan: Plan, dataset: str, *, device: str = "auto", command: str = "", said: Said = print) -> AveragedSet:
    """All members of a plan on the test images of a data set. Raises what `datasets.load` and the models raise."""
    where, data = best_device(device), datasets.load(dataset)
    classes, numbers = eligible(model_of(plan.members[0]), data, plan.images)
    images, labels = data.test_images[numbers], relabelled(data, classes, numbers)
    members = []
    for model_id in plan.members:
        members.append(ask(model_of(model_id), images, data.classes, plan.schemes, where))
        said(line_of(members[-1], labels, len(classes)))
    chosen = examples([to_shares(m.schemes["one"].shares, len(classes)) for m in members], members, labels)
    return AveragedSet(
        name=plan.name,
        dataset=dataset,
        data=datasets.dataset(dataset).source,
        classes=classes,
        labels=labels.astype(np.uint8).tobytes(),
        members=tuple(members),
        example_numbers=tuple(chosen),
        examples=images[chosen].expand(-1, 3, -1, -1).permute(0, 2, 3, 1).contiguous().numpy().tobytes(),
        side=images.shape[-1],
        precision="fp16" if where.type == "cuda" else "fp32",
        command=command,
        device=torch.cuda.get_device_name() if where.type == "cuda" else platform.machine(),
        date=date.today().isoformat(),
        versions=f"torch {torch.__version__}",
    )


def ask_again(model: Model, record: AveragedSet) -> MemberShares:
    """One more model on the images of a measured set, by the same schemes, on the CPU. Raises what `measure` does."""
    data = datasets.load(record.dataset)
    _, numbers = eligible(model, data, len(record.labels))
    schemes = tuple(record.members[0].schemes)
    return ask(model, data.test_images[numbers], data.classes, schemes, torch.device("cpu"))


def eligible(model: Model, data: ImageData, most: int) -> tuple[tuple[str, ...], Tensor]:
    """The classes that a model can tell apart, and the numbers of the first `most` test images of them (0: of all)."""
    classes, _ = groups_for(model.categories, data.classes)
    of_them = torch.tensor([name in classes for name in data.classes])
    numbers = of_them[data.test_labels].nonzero().flatten()
    return classes, numbers[: most or None]


def relabelled(data: ImageData, classes: Sequence[str], numbers: Tensor) -> np.ndarray:
    """Labels of some test images, int64 (N,), as indices of the classes that are left."""
    index = torch.tensor([classes.index(name) if name in classes else -1 for name in data.classes])
    labels: np.ndarray = index[data.test_labels[numbers]].numpy()
    return labels


def ask(
    model: Model, images: Tensor, names: Sequence[str], schemes: Sequence[str], device: torch.device
) -> MemberShares:
    """A model's averaged softmax by scheme for uint8 images (N, C, H, W) of a data set, whose classes are `names`."""
    _, groups = groups_for(model.categories, names)
    by_scheme = {scheme: views_of(scheme, model.instance.size[0]) for scheme in schemes}
    start = time.perf_counter()
    sums = shares_of(model, images, by_scheme, groups, device)
    seconds = time.perf_counter() - start
    return MemberShares(
        model.id,
        round(seconds, 2),
        {
            scheme: SchemeShares(len(views), sum(_macs(model, view.side) for view in views), to_bytes(sums[scheme]))
            for scheme, views in by_scheme.items()
        },
    )


@torch.inference_mode()
def shares_of(
    model: Model,
    images: Tensor,
    by_scheme: Mapping[str, Sequence[View]],
    groups: Sequence[Sequence[int]],
    device: torch.device,
) -> dict[str, np.ndarray]:
    """The mean softmax over the views of each scheme, float64 (N, groups); a view that schemes share is seen once."""
    net = model.instantiate().to(device).to(memory_format=torch.channels_last)
    scale, side = Normalizer.of(model.meta.normalize, device), model.instance.size[0]
    views = tuple(dict.fromkeys(view for each in by_scheme.values() for view in each))
    parts: dict[str, list[Tensor]] = {scheme: [] for scheme in by_scheme}
    for chunk in torch.split(images, _chunk(side, device)):
        answers = dict(_seen(net, scale, chunk.to(device), views, side, groups))
        for scheme, each in by_scheme.items():
            parts[scheme].append(torch.stack([answers[view] for view in each]).double().mean(0))
    return {scheme: torch.cat(rows).cpu().numpy() for scheme, rows in parts.items()}


def _chunk(side: int, device: torch.device) -> int:
    """Images at once: enough for a GPU to be busy, few enough for their maps to have room."""
    return min(2**24 // side**2, 2_048) if device.type == "cuda" else 64


def _seen(
    net: nn.Module,
    scale: Normalizer,
    images: Tensor,
    views: Sequence[View],
    side: int,
    groups: Sequence[Sequence[int]],
) -> Iterator[tuple[View, Tensor]]:
    """Every view of some images with the softmax of the network, float32 (B, groups)."""
    pictures, half = canvases(images, views, side), images.device.type == "cuda"
    for view in views:
        with torch.autocast(images.device.type, torch.float16, enabled=half):
            logits = net(scale(cut(pictures[view.canvas], view)))
        yield view, softmax_over(logits.float(), groups)


def _macs(model: Model, side: int) -> int:
    """Multiply-adds of one pass at a side."""
    return trace_shapes(replace(model.instance, input_shape=(model.input_shape[0], side, side))).macs


def examples(one: Sequence[np.ndarray], members: Sequence[MemberShares], labels: np.ndarray) -> list[int]:
    """Numbers of images worth seeing, the first ones of each kind, in order.

    All members err alike; the ensemble mends what its best member errs at; it spoils what that one knew; ten crops
    mend, or spoil, what the best member said of one.
    """
    correct = np.stack([right(shares, labels) for shares in one])
    best = int(correct.mean(1).argmax())
    together, answers = right(averaged(one), labels), np.stack([shares.argmax(1) for shares in one])
    ten = right(to_shares(members[best].schemes["ten"].shares, one[0].shape[1]), labels)
    kinds = (
        ~correct.any(0) & (answers == answers[0]).all(0),
        together & ~correct[best],
        ~together & correct[best],
        ten & ~correct[best],
        ~ten & correct[best],
    )
    return sorted({int(number) for kind in kinds for number in kind.nonzero()[0][:EXAMPLES]})


def line_of(member: MemberShares, labels: np.ndarray, classes: int) -> str:
    """A member in one line."""
    found = {
        scheme: 100 * right(to_shares(each.shares, classes), labels).mean() for scheme, each in member.schemes.items()
    }
    return f"{member.model}: {', '.join(f'{name} {value:.2f} %' for name, value in found.items())}; {member.seconds} s"
