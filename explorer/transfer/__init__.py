"""Transfer learning: a `TransferConfig` and a `Model` in, a `TransferResult` out.

Law: torch and torchvision only (safetensors for what is stored); imports no page and no job. There is one training
loop, that of `explorer.training`: it gets a network whose first stages are frozen, or the features of frozen stages as
if they were images. `splitting` cuts a network at the borders of its stages, `features` computes what frozen stages
give, `preparing` puts the network of a regime together, `similarity` compares representations, `running` does one
configuration. Ready-made ones: `presets`. `feature_cache` keeps features on disk, `reusing` computes them once and
trains one head after the other on them. `teaching` makes a head of a visitor's few images, `starting` has images to
begin with, `exporting` hands a head out.
"""

from explorer.transfer.exporting import archive
from explorer.transfer.features import Features, stage_features, standardised
from explorer.transfer.preparing import Frozen, network_of, setup_of
from explorer.transfer.presets import PLANS
from explorer.transfer.reusing import HeadResult, compute, key_of, train_head
from explorer.transfer.running import Bench, source_model
from explorer.transfer.similarity import gram_matrix, linear_cka
from explorer.transfer.splitting import split
from explorer.transfer.starting import STARTS
from explorer.transfer.teaching import (
    MOST_PER_CLASS,
    Head,
    features_of,
    fit,
    leave_one_out,
    likely_range,
    nearest,
    probabilities,
    taught_model,
    without_head,
)

__all__ = [
    "MOST_PER_CLASS",
    "PLANS",
    "STARTS",
    "Bench",
    "Features",
    "Frozen",
    "Head",
    "HeadResult",
    "archive",
    "compute",
    "features_of",
    "fit",
    "gram_matrix",
    "key_of",
    "leave_one_out",
    "likely_range",
    "linear_cka",
    "nearest",
    "network_of",
    "probabilities",
    "setup_of",
    "source_model",
    "split",
    "stage_features",
    "standardised",
    "taught_model",
    "train_head",
    "without_head",
]
