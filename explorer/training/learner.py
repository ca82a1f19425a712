"""`Learner`: what changes on the device in a step."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.records import TrainConfig
from explorer.training.feeding import Batch
from explorer.training.optimising import make_optimizer, set_rate
from explorer.training.stepping import Outcome, make_step


class Learner:
    """A network with its optimizer, and the sums of loss and correct predictions since the last point.

    Nothing but `read` waits for the device: losses stay there until an interval is over. Tensors are changed in place,
    so that a step can be captured.
    """

    def __init__(self, net: nn.Module, config: TrainConfig, device: torch.device, bf16: bool) -> None:
        self.net, self._config = net, config
        self.optimizer = make_optimizer(config, net.parameters(), device)
        self._compute = make_step(net, config, device, bf16)
        self.loss = torch.zeros((), device=device)
        self.correct = torch.zeros((), dtype=torch.long, device=device)

    def gradients(self, batch: Batch) -> Outcome:
        """Loss of a batch, and its gradients in `.grad`."""
        self.optimizer.zero_grad(set_to_none=True)
        return self._compute(*batch)

    def update(self, outcome: Outcome, rate: Tensor) -> None:
        """Change the weights by their gradients, and add to the sums."""
        if self._config.clip:
            nn.utils.clip_grad_norm_(self.net.parameters(), self._config.clip)
        set_rate(self.optimizer, rate)
        self.optimizer.step()
        self.loss += outcome.loss
        self.correct += outcome.correct

    def read(self) -> tuple[float, int]:
        """Sum of the batches' mean losses, and number of correct predictions; waits for the device. Both begin anew."""
        sums = float(self.loss), int(self.correct)
        self.loss.zero_()
        self.correct.zero_()
        return sums

    def close(self) -> None:
        """End the threads of the step."""
        self._compute.close()
