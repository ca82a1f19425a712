"""torchvision's weights: fetched from a server on the loopback, whole, cut, damaged or not at all; found in a cache."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from torchvision import models as published_networks

from explorer import models, paths
from explorer.errors import BadWeights, UnknownEntry
from explorer.models import PublishedWeights, pretrained
from explorer.networks import networks
from explorer.records import NetworkInstance
from explorer.tracing import build_on_meta
from tests.datasets.test_downloading import Served, served
from tests.models.making import pickled, state_of

__all__ = ["served"]

SLUG = "squeezenet1-1"
ONE_OF_EACH = (
    "alexnet-torchvision",
    "googlenet-torchvision",
    "inception-v3",
    "vgg16",
    "resnet18",
    "resnet50",
    "densenet121",
    "squeezenet1-0",
    "mobilenet-v2",
    "mobilenet-v3-small",
    "efficientnet-b0",
)


@pytest.fixture(autouse=True)
def _places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty data directory and hub cache."""
    monkeypatch.setenv("CONVNET_ATLAS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    torch.hub.set_dir(str(tmp_path / "torch" / "hub"))


@pytest.fixture(scope="module")
def body() -> bytes:
    """Weights as torchvision would serve them: random ones."""
    return pickled(state_of(SLUG))


@pytest.fixture
def published(body: bytes, monkeypatch: pytest.MonkeyPatch) -> PublishedWeights:
    """`PublishedWeights` for `body` in place of torchvision's."""
    digits = hashlib.sha256(body).hexdigest()[:8]
    one = PublishedWeights(SLUG, f"https://example.invalid/squeezenet1_1-{digits}.pth", len(body) / 2**20, digits, 58.2)
    monkeypatch.setattr(pretrained, "published_weights", lambda slug: one)
    return one


@pytest.mark.parametrize("slug", ONE_OF_EACH)
def test_torchvisions_networks_are_the_catalogues(slug: str) -> None:
    name = models.published_networks()[slug]
    ours = build_on_meta(NetworkInstance.of(networks()[slug], classes=1000)).state_dict()
    with torch.device("meta"):
        fast = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        theirs = published_networks.get_model(name, weights=None, **fast).state_dict()
    theirs = {key: value for key, value in theirs.items() if not key.startswith(("aux", "AuxLogits"))}
    assert {key: value.shape for key, value in ours.items()} == {key: v.shape for key, v in theirs.items()}


def test_every_offer_has_address_size_and_hash() -> None:
    for slug in models.published_networks():
        one = models.published_weights(slug)
        assert one.url.startswith("https://download.pytorch.org/")
        assert one.file.endswith(f"{one.sha256}.pth")
        assert 4 < one.megabytes < 600
        assert 50 < one.top1 < 90


def test_a_network_of_ours_has_none() -> None:
    assert not models.is_here("cifar-resnet20")
    with pytest.raises(UnknownEntry):
        models.published_weights("cifar-resnet20")


def test_weights_are_fetched_and_used(served: Served, published: PublishedWeights, body: bytes) -> None:
    served.files = {published.file: body}
    told: list[tuple[int, int]] = []
    assert not models.is_here(SLUG)
    models.fetch(SLUG, lambda *now: told.append(now), served.url)
    assert models.is_here(SLUG)
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    model = models.pretrained_model(SLUG)
    assert model.id == f"pretrained:{SLUG}"
    assert len(model.categories) == 1000
    assert torch.equal(model.state["features.0.weight"], state_of(SLUG)["features.0.weight"])
    models.fetch(SLUG, server=served.url)
    assert len(served.asked) == 1, "what is here is not asked for again"


def test_a_cut_download_is_completed(served: Served, published: PublishedWeights, body: bytes) -> None:
    served.files, served.cut_after, served.cuts_left = {published.file: body}, len(body) // 3, 1
    models.fetch(SLUG, server=served.url)
    assert served.asked[1] == (published.file, f"bytes={len(body) // 3}-")
    assert models.pretrained_model(SLUG)


def test_what_a_dead_connection_left_is_kept_for_the_next_try(
    served: Served, published: PublishedWeights, body: bytes
) -> None:
    served.files, served.cut_after, served.cuts_left = {published.file: body}, 50_000, 99
    part = Path(paths.weights_directories()[0], f"{published.file}.part")
    with pytest.raises(BadWeights):
        models.fetch(SLUG, server=served.url)
    assert 0 < part.stat().st_size < len(body)
    assert not models.is_here(SLUG)
    served.cuts_left = 0
    models.fetch(SLUG, server=served.url)
    assert not part.exists()
    assert models.is_here(SLUG)


def test_a_file_with_another_hash_is_never_used(served: Served, published: PublishedWeights, body: bytes) -> None:
    served.files = {published.file: body[:-1] + b"\1"}
    with pytest.raises(BadWeights) as caught:
        models.fetch(SLUG, server=served.url)
    assert caught.value.reason == "not_fetched"
    assert not models.is_here(SLUG)
    assert not list(Path(paths.weights_directories()[0]).iterdir())


def test_without_a_network_one_sentence_says_so(published: PublishedWeights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(BadWeights, match="Connect to the internet") as caught:
        models.fetch(SLUG, server="http://127.0.0.1:9/")
    assert caught.value.values["file"] == published.file
    with pytest.raises(BadWeights, match="fetched first"):
        models.pretrained_model(SLUG)


def test_the_cache_of_torch_hub_is_used_at_once(published: PublishedWeights, body: bytes) -> None:
    cached = Path(torch.hub.get_dir()) / "checkpoints"
    cached.mkdir(parents=True)
    (cached / published.file).write_bytes(body)
    assert models.is_here(SLUG)
    models.fetch(SLUG, server="http://127.0.0.1:9/")
    assert models.pretrained_model(SLUG)


def test_a_damaged_file_in_a_cache_is_not_used(published: PublishedWeights, body: bytes) -> None:
    cached = Path(torch.hub.get_dir()) / "checkpoints"
    cached.mkdir(parents=True)
    (cached / published.file).write_bytes(body[:-7])
    with pytest.raises(BadWeights) as caught:
        models.pretrained_model(SLUG)
    assert caught.value.reason == "wrong_hash"


def test_networks_from_tensorflow_see_pixels_from_minus_one_to_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """torchvision's pretrained GoogLeNet rescales ImageNet's scale inside; here the scale itself does it."""
    torch.manual_seed(0)
    theirs = published_networks.googlenet(weights=None, init_weights=False, transform_input=True).eval()
    body = pickled(theirs.state_dict())
    digits = hashlib.sha256(body).hexdigest()[:8]
    one = PublishedWeights("googlenet-torchvision", f"https://example.invalid/googlenet-{digits}.pth", 50, digits, 69.8)
    monkeypatch.setattr(pretrained, "published_weights", lambda slug: one)
    folder = paths.weights_directories()[0]
    folder.mkdir(parents=True)
    (folder / one.file).write_bytes(body)
    model = models.pretrained_model("googlenet-torchvision")
    stored = torch.randint(0, 256, (1, 3, 224, 224), dtype=torch.uint8)
    mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
    std = torch.tensor([0.229, 0.224, 0.225])[:, None, None]
    with torch.inference_mode():
        wanted = theirs((stored.float() / 255 - mean) / std)
        found = model.instantiate()(model.scale(stored))
    assert torch.allclose(found, wanted, atol=1e-4)
