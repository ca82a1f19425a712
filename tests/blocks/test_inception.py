"""What the page about 1x1 and Inception measures, each against another way to compute it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from explorer.blocks import auxiliary, pointwise, residual_sum, small_inception
from explorer.blocks.outer_products import best_pair, separable_share
from explorer.networks import network

# --- one position -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("channels", "weights"), [(4, pointwise.WEIGHTS), (4, (0.5, 3, -2, 1)), (1, (2.0,))])
def test_a_pointwise_convolution_is_a_linear_layer_at_every_position(channels: int, weights: tuple[float, ...]) -> None:
    read = pointwise.patterns(channels)
    view = pointwise.pointwise_view(
        read, weights, named_input=str, named_weight=lambda k, c: f"{k}{c}", named_output=str
    )
    values = {plane.key: torch.tensor(plane.values) for plane in view.planes}
    x = torch.stack([values[f"x{c}"] for c in range(channels)]).view(1, channels, 6, 6)
    linear = nn.Linear(channels, len(weights) // channels, bias=False)
    linear.weight.data = torch.tensor(weights).view(-1, channels)
    expected = linear(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)[0]
    conv = nn.functional.conv2d(x, torch.tensor(weights).view(-1, channels, 1, 1))[0]
    given = torch.stack([values[key] for key in view.walk]).view_as(expected)
    assert torch.allclose(given, expected)
    assert torch.allclose(given, conv)
    assert len(view.planes) == channels + len(weights) + len(weights) // channels


def test_the_matrix_of_positions_and_channels_gives_the_convolution_s_map() -> None:
    x, weights = torch.randn(1, 32, 6, 6, dtype=torch.float64), torch.randn(32, dtype=torch.float64)
    view = pointwise.matrix_view(x[0].flatten(1).tolist(), weights.tolist(), named=("x", "w", "y"))
    expected = nn.functional.conv2d(x, weights.view(1, 32, 1, 1))[0, 0]
    given = next(plane for plane in view.planes if plane.key == "y")
    assert torch.allclose(torch.tensor(given.values, dtype=torch.float64).view(6, 6), expected)


def test_one_channel_is_only_scaled() -> None:
    view = pointwise.pointwise_view(
        pointwise.patterns(1), (-1.5,), named_input=str, named_weight=lambda k, c: "w", named_output=str
    )
    (x,), (y,) = ([plane.values for plane in view.planes if plane.key[0] == kind] for kind in "xy")
    assert y == tuple(-1.5 * value for value in x)


# --- auxiliary heads --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("start", "normalised"), [("xavier", False), ("he", True)])
def test_gradients_add_up_to_that_of_the_whole_loss(start: str, normalised: bool) -> None:
    found = auxiliary.auxiliary_reach(start, 1, normalised=normalised)
    slug = "googlenet-torchvision" if normalised else "googlenet"
    net = network(slug).build(classes=1000, aux=True)
    auxiliary.initialise(net, start, torch.Generator().manual_seed(1))
    net.train()
    for part in net.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    logits = net(auxiliary.batch())
    if normalised:
        logits = logits.logits, logits.aux_logits1, logits.aux_logits2
    main, low, high = (nn.functional.cross_entropy(each, torch.arange(4)) for each in logits)
    (main + 0.3 * low + 0.3 * high).backward()
    assert found.losses == pytest.approx((main.item(), low.item(), high.item()), rel=1e-4)
    assert len(found.layers) == 57
    for layer in (*found.layers[:3], found.layers[30], found.layers[-1]):
        weight = net.get_submodule(layer.layer).weight
        assert isinstance(weight, nn.Parameter)
        assert weight.grad is not None
        assert layer.norm(0.3) == pytest.approx(float(weight.grad.norm()), rel=1e-3)
    behind = [layer for layer in found.layers if layer.block in ("inception4e", "inception5a", "inception5b")]
    assert all(layer.auxiliary == 0 for layer in behind)


def test_what_the_page_says_of_first_weights_holds() -> None:
    """PyTorch's default leaves the first layer almost nothing, Xavier more, and batch normalisation hardly a gap."""
    gains = []
    for start, normalised in (("default", False), ("xavier", False), ("he", False), ("he", True)):
        first = auxiliary.auxiliary_reach(start, normalised=normalised).layers[0]
        gains.append(first.norm(0.3) / first.norm(0))
    assert gains[0] > 10 > gains[1] > 2 > gains[2] > gains[3] > 0.8


# --- sums -------------------------------------------------------------------------------------------------------------


def test_a_sum_grows_as_it_was_written_down_again() -> None:
    (one, small) = residual_sum.growth(32, 3, (1.0, 0.1))
    generator = np.random.default_rng(0)
    x = generator.standard_normal((32, 32), dtype=np.float32)
    both, start = [x, x], x.std()
    for k in range(3):
        down = generator.standard_normal((32, 8), dtype=np.float32) * (2 / 32) ** 0.5
        up = generator.standard_normal((8, 32), dtype=np.float32) * (1 / 8) ** 0.5
        both = [y + scale * np.clip(y @ down, 0, None) @ up for y, scale in zip(both, (1.0, 0.1), strict=True)]
        assert one.measured[k] == pytest.approx(both[0].std() / start, rel=1e-4)
        assert small.measured[k] == pytest.approx(both[1].std() / start, rel=1e-4)


def test_the_wide_sum_follows_the_theory_and_only_the_unscaled_one_explodes() -> None:
    grown = {each.scale: each for each in residual_sum.growth(512, 40, (1.0, 0.3, 0.1))}
    for scale, each in grown.items():
        assert each.predicted[-1] == pytest.approx(math.sqrt((1 + scale**2) ** 40))
        assert math.log(each.measured[-1]) == pytest.approx(math.log(each.predicted[-1]), abs=1)
    assert grown[1.0].measured[-1] > 1e5 > 100 > grown[0.3].measured[-1] > grown[0.1].measured[-1] > 1


def test_a_narrow_unscaled_sum_sometimes_survives_and_a_wide_one_never() -> None:
    """What stands below the figure: of ten seeds three survive with 32 channels, none with 128."""
    alive = [
        sum(residual_sum.short_training(width, 1.0, seed).losses[-1] is not None for seed in range(10))
        for width in (32, 128)
    ]
    assert alive == [3, 0]


@pytest.mark.parametrize("width", [128, 512])
def test_only_the_unscaled_sum_dies_in_training(width: int) -> None:
    one, third, tenth = (residual_sum.short_training(width, scale).losses for scale in (1.0, 0.3, 0.1))
    assert one[-1] is None
    for losses in (third, tenth):
        first, last = losses[0], losses[-1]
        assert first is not None
        assert last is not None
        assert last < first
        assert len(losses) == residual_sum.STEPS


# --- pairs ------------------------------------------------------------------------------------------------------------


def test_the_share_of_one_pair_is_what_the_nearest_product_leaves() -> None:
    kernels = np.random.default_rng(1).standard_normal((20, 5, 5))
    kernels[3] = np.outer(np.arange(1, 6), [1, -1, 2, 0, 1])
    found = separable_share(np.concatenate([kernels, np.zeros((2, 5, 5))]))
    assert found.kernels == 20
    assert found.shares[3] == pytest.approx(1)
    for kernel, share in zip(kernels, found.shares, strict=True):
        left = ((kernel - best_pair(kernel)) ** 2).sum() / (kernel**2).sum()
        assert share == pytest.approx(1 - left)
        assert np.linalg.matrix_rank(best_pair(kernel)) == 1
    assert found.means[-1] == pytest.approx(1)
    assert found.examples[0][0] == pytest.approx(max(found.shares))
    assert found.examples[-1][0] == pytest.approx(min(found.shares))


# --- the small network ------------------------------------------------------------------------------------------------


def test_the_shipped_network_is_as_accurate_as_was_recorded() -> None:
    recorded = small_inception.facts()
    assert small_inception.accuracy(small_inception.load()) == pytest.approx(recorded.accuracy, abs=0.005)
    assert recorded.accuracy > 0.85
    assert small_inception.accuracy(small_inception.load(trained=False)) < 0.2


@pytest.mark.parametrize("which", ["first", "second"])
def test_maps_by_branch_are_the_module_s_output_in_its_order(which: str) -> None:
    from explorer import datasets

    found = small_inception.branch_maps(which, 5)
    net, kept = small_inception.load(), {}
    net.get_submodule(which).register_forward_hook(lambda part, read, given: kept.update(out=given))
    logits = net(small_inception.as_input(datasets.load("shapes").test_images[5:6]))
    joined = np.concatenate([maps for _, maps in found.branches])
    assert np.allclose(joined, kept["out"][0].numpy(), atol=1e-5)
    assert [name for name, _ in found.branches] == ["1x1", "3x3", "5x5", "pool"]
    assert found.share == pytest.approx(float(logits.softmax(1).max()))
    assert found.answer == datasets.load("shapes").classes[int(logits.argmax())]


def test_a_branch_left_out_is_a_branch_of_zeros() -> None:
    from explorer import datasets

    data, net = datasets.load("shapes"), small_inception.load()
    found = small_inception.lesions(net, "second")
    names = ("1x1", "3x3", "5x5", "pool")
    widths = small_inception.WIDTHS[1]
    ends = np.cumsum([0, widths.n1, widths.n3, widths.n5, widths.pool])
    parts = dict(net.named_children())
    x = small_inception.as_input(data.test_images)
    for name, part in parts.items():
        x = part(x)
        if name == "second":
            break
    for name, start, end in zip(names, ends[:-1], ends[1:], strict=True):
        y = x.clone()
        y[:, start:end] = 0
        for later in ("norm2", "average", "flatten", "linear"):
            y = parts[later](y)
        assert found[name] == pytest.approx(float((y.argmax(1) == data.test_labels).float().mean()))
    recorded = small_inception.facts()
    assert found == pytest.approx(recorded.without["second"], abs=0.01)
    assert small_inception.accuracy(net) == pytest.approx(recorded.accuracy, abs=0.005), "the hooks are gone"
