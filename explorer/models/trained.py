"""The models of finished runs."""

from __future__ import annotations

from explorer import datasets
from explorer.models.model import Model, carried_meta, check_finite, meta_of, trained_model
from explorer.records import ModelMeta, TrainConfig


def model_of_run(run_id: str, config: TrainConfig, blob: bytes) -> Model:
    """A finished run with its weights, as the safetensors file that the run store keeps.

    All that is needed stands in the file: the data set may have changed since, or be gone. Weights of
    earlier versions say nothing; for them the data set is asked, and `DatasetError` or `UnknownEntry` raised
    where it is gone.
    """
    otherwise = None if carried_meta(blob) else _from_its_data(config)
    return check_finite(trained_model(f"run:{run_id}", blob, otherwise))


def _from_its_data(config: TrainConfig) -> ModelMeta:
    declared = datasets.dataset(config.dataset)
    mean, std = (0.0,) * declared.shape[0], (1.0,) * declared.shape[0]
    if config.pixels == "standard":  # else the images themselves need not be there
        data = datasets.load(config.dataset)
        mean, std = data.mean, data.std
    return meta_of(config, declared.shape, tuple(declared.classes), mean, std)
