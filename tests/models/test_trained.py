"""The model of a finished run uses the metadata in its weights: its data set may have changed since, or be gone."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load, save

from explorer import datasets
from explorer.errors import ExplorerError
from explorer.models import model_of_run, own_model
from explorer.models.model import read_meta
from explorer.records import ModelMeta, NetworkInstance, Normalize, TrainConfig
from explorer.training import META, evaluate, train, weights_of

DIGITS = TrainConfig(
    network="thin-resnet",
    dataset="digits",
    steps=2,
    lr=0.05,
    options=(("depth", 8), ("base", 4), ("residual", True)),
    eval_every=2,
    log_every=2,
)


def trained(config: TrainConfig) -> tuple[bytes, float]:
    """The file of weights of a run, and its accuracy on its test set as the loop measured it."""
    blobs: dict[int, bytes] = {}
    points = list(train(config, device="cpu", on_checkpoint=blobs.__setitem__))
    return weights_of(blobs[config.steps]), points[-1].test_accuracy or 0.0


@pytest.mark.parametrize("pixels", ["standard", "unit", "raw"])
@pytest.mark.parametrize(
    "config",
    [DIGITS, replace(DIGITS, network="lenet5", dataset="digits28", options=()), replace(DIGITS, dataset="shapes")],
    ids=["grey 8x8", "lenet", "colour"],
)
def test_a_run_of_any_network_answers_as_it_did_in_training(config: TrainConfig, pixels: str) -> None:
    blob, accuracy = trained(replace(config, pixels=pixels))
    model, data = model_of_run("1", config, blob), datasets.load(config.dataset)
    assert model.input_shape == data.shape
    assert model.categories == data.classes
    judged = evaluate(model.instantiate(), data.test_images, data.test_labels, model.scale)
    assert judged.accuracy == accuracy


def test_the_data_set_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    blob, _ = trained(DIGITS)

    def gone(slug: str) -> object:
        raise ExplorerError(f"{slug} is gone")

    monkeypatch.setattr(datasets, "dataset", gone)
    monkeypatch.setattr(datasets, "load", gone)
    model = model_of_run("1", DIGITS, blob)
    assert model.categories == tuple("0123456789")
    assert model.instance.input_shape == (1, 8, 8)
    assert dict(model.instance.options)["depth"] == 8


def test_weights_of_before_ask_the_data_set() -> None:
    blob, accuracy = trained(DIGITS)
    silent = save(load(blob))
    assert read_meta(silent) is None
    model, data = model_of_run("1", DIGITS, silent), datasets.load("digits")
    assert model.meta == read_meta(blob)
    assert evaluate(model.instantiate(), data.test_images, data.test_labels, model.scale).accuracy == accuracy


def test_a_grey_image_is_repeated_for_a_network_that_reads_colour_only() -> None:
    config = replace(DIGITS, network="squeezenet1-1", dataset="digits28", options=(), batch=8, steps=1)
    blob, _ = trained(replace(config, eval_every=1, log_every=1))
    model = model_of_run("1", config, blob)
    assert model.input_shape == (3, 28, 28)
    assert len(model.meta.normalize.mean) == 3
    assert len(set(model.meta.normalize.mean)) == 1


def test_an_exported_file_comes_back_as_what_it_was() -> None:
    blob, _ = trained(DIGITS)
    assert own_model(blob, "thin-resnet").meta == read_meta(blob)


@pytest.mark.parametrize(
    "lie",
    [
        {"categories": ("a", "b")},
        {"normalize": Normalize((0.0,) * 3, (1.0,) * 3)},
        {"normalize": Normalize((0.0,), (0.0,))},
        {"instance": NetworkInstance("thin-resnet", (("depth", 8),), 10, (1, 0, 8))},
        {"instance": NetworkInstance("thin-resnet", (("depth", 14), ("base", 4)), 10, (1, 8, 8))},
        {"instance": NetworkInstance("thin-resnet", (("depth", "eight"),), 10, (1, 8, 8))},
    ],
    ids=str,
)
def test_a_file_that_lies_about_its_weights_is_not_believed(lie: dict[str, object]) -> None:
    blob, _ = trained(replace(DIGITS, dataset="shapes"))
    true = read_meta(blob)
    assert true is not None
    if "normalize" not in lie or lie["normalize"] == Normalize((0.0,), (0.0,)):
        forged = replace(true, **lie)  # type: ignore[arg-type]
    else:
        forged = replace(true, normalize=Normalize((0.0,), (1.0,)))
    model = own_model(save(load(blob), {META: forged.to_json()}), "thin-resnet")
    assert model.meta != forged
    assert dict(model.instance.options)["depth"] == 8
    assert torch.isfinite(model.instantiate()(torch.zeros(1, 3, 32, 32))).all()


def test_any_text_in_the_header_is_survived() -> None:
    blob, _ = trained(DIGITS)
    for text in ("", "null", "[" * 5_000, "{}", '{"instance": 1, "categories": 2, "normalize": 3}'):
        assert read_meta(save(load(blob), {META: text})) is None


def test_meta_is_what_torch_would_need() -> None:
    blob, _ = trained(DIGITS)
    meta = read_meta(blob)
    assert isinstance(meta, ModelMeta)
    data = datasets.load("digits")
    pixels = data.train_images.float()
    assert meta.normalize.mean == pytest.approx(pixels.mean((0, 2, 3)).tolist(), rel=1e-4)
    assert meta.normalize.std == pytest.approx(pixels.std((0, 2, 3), unbiased=False).tolist(), rel=1e-4)
