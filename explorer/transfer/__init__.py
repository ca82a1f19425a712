"""Transfer learning: a `TransferConfig` and a `Model` in, a `TransferResult` out.

Law: torch and torchvision only; imports no page and no job. There is one training loop, that of `explorer.training`:
it gets a network whose first stages are frozen, or the features of frozen stages as if they were images. `splitting`
cuts a network at the borders of its stages, `selecting` chooses images, `features` computes what frozen stages give,
`preparing` puts the network of a regime together, `similarity` compares representations, `running` does one
configuration. Ready-made ones: `presets`.
"""

from explorer.transfer.features import Features, stage_features, standardised
from explorer.transfer.preparing import Frozen, network_of, setup_of
from explorer.transfer.presets import PLANS
from explorer.transfer.running import Bench, source_model
from explorer.transfer.selecting import select
from explorer.transfer.similarity import gram_matrix, linear_cka
from explorer.transfer.splitting import split

__all__ = [
    "PLANS",
    "Bench",
    "Features",
    "Frozen",
    "gram_matrix",
    "linear_cka",
    "network_of",
    "select",
    "setup_of",
    "source_model",
    "split",
    "stage_features",
    "standardised",
]
