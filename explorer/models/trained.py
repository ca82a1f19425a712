"""Models of finished runs."""

from __future__ import annotations

from explorer import datasets
from explorer.models.model import Model, meta_of, read_meta, require_finite_output, trained_model
from explorer.records import ModelMeta, TrainConfig


def model_of_run(run_id: str, config: TrainConfig, blob: bytes) -> Model:
    """The model of a finished run; `blob` is the safetensors file in the run store. Raises `BadWeights`.

    The file has the metadata, as the data set may have changed since, or be gone. Files of earlier versions have none:
    it is then derived from the data set, and `DatasetError` or `UnknownEntry` raised where that is gone.
    """
    default = None if read_meta(blob) else _meta_from_dataset(config)
    return require_finite_output(trained_model(f"run:{run_id}", blob, default))


def _meta_from_dataset(config: TrainConfig) -> ModelMeta:
    declared = datasets.dataset(config.dataset)
    mean, std = (0.0,) * declared.shape[0], (1.0,) * declared.shape[0]
    if config.pixels == "standard":  # else the images are not needed
        data = datasets.load(config.dataset)
        mean, std = data.mean, data.std
    return meta_of(config, declared.shape, tuple(declared.classes), mean, std)
