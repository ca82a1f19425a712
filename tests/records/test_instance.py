"""`NetworkInstance` and `ModelMeta`: equal where they build the same, and equal after a round trip through JSON."""

from __future__ import annotations

import pytest

from explorer.errors import BadOption
from explorer.networks import build, network, networks
from explorer.records import HALVES, IMAGENET, ModelMeta, NetworkInstance, Normalize, usual_normalize
from explorer.tracing import build_on_meta


@pytest.mark.parametrize("slug", networks())
def test_an_instance_survives_json_and_names_every_option(slug: str) -> None:
    spec = network(slug)
    instance = NetworkInstance.of(spec)
    assert NetworkInstance.from_json(instance.to_json()) == instance
    assert hash(NetworkInstance.from_json(instance.to_json())) == hash(instance)
    assert dict(instance.options) == spec.options()
    assert (instance.slug, instance.classes, instance.input_shape) == (slug, spec.classes, spec.input_shape)


def test_defaults_that_are_written_out_make_no_difference() -> None:
    spec = network("lenet5")
    assert NetworkInstance.of(spec, options=spec.options(), classes=10, size=(28, 28)) == NetworkInstance.of(spec)
    assert NetworkInstance.of(spec, size=(32, 28)).size == (32, 28)


def test_an_option_that_is_not_there_is_refused_whoever_writes_it() -> None:
    with pytest.raises(BadOption):
        NetworkInstance.of(network("lenet5"), options={"depth": 3})
    forged = NetworkInstance("lenet5", (("activation", "swish"),), 10, (1, 28, 28))
    with pytest.raises(BadOption):
        build(forged)


def test_channels_reach_the_first_convolution_or_are_refused() -> None:
    grey = NetworkInstance.of(network("thin-resnet"), size=(8, 8), channels=1)
    assert next(build_on_meta(grey).parameters()).shape[1] == 1
    with pytest.raises(BadOption, match="3 channels"):
        build(NetworkInstance.of(network("resnet18"), channels=1))


def test_imagenets_numbers_are_torchvisions() -> None:
    from torchvision.transforms._presets import ImageClassification

    usual = ImageClassification(crop_size=224)
    assert IMAGENET.mean == pytest.approx([255 * value for value in usual.mean])
    assert IMAGENET.std == pytest.approx([255 * value for value in usual.std])
    assert [(x - m) / s for x in (0, 255) for m, s in zip(HALVES.mean[:1], HALVES.std[:1], strict=True)] == [-1, 1]
    assert usual_normalize(3) == IMAGENET


def test_what_pixels_stands_for() -> None:
    assert Normalize.of("raw", (33.0,), (78.0,)) == Normalize((0.0,), (1.0,))
    assert Normalize.of("unit", (33.0,), (78.0,)) == Normalize((0.0,), (255.0,))
    assert Normalize.of("standard", (33.0,), (78.0,)) == Normalize((33.0,), (78.0,))
    assert Normalize((33.0,), (78.0,)).spread(3) == Normalize((33.0,) * 3, (78.0,) * 3)


def test_meta_survives_json_and_refuses_what_it_did_not_write() -> None:
    meta = ModelMeta(NetworkInstance.of(network("lenet5"), classes=2), ("猫", "dog"), Normalize((1.5,), (2.5,)))
    assert ModelMeta.from_json(meta.to_json()) == meta
    for text in ("", "[]", "{}", '{"instance": {"slug": 3}}', "1"):
        with pytest.raises((ValueError, TypeError, KeyError)):
            ModelMeta.from_json(text)
