"""Cached calls of the page about residual blocks: signals and gradients, computed once for everybody."""

from __future__ import annotations

from explorer.records.residual import GradientChain, Signals, SignalSettings
from explorer.ui.cached.keeping import kept


@kept(max_entries=64)
def signals(settings: SignalSettings) -> Signals:
    """What goes forward and backward through a network at its start. Raises `BadOption`."""
    from explorer.blocks.signals import propagate

    return propagate(settings)


@kept(max_entries=64)
def gradient_chain(blocks: int, gain: float, seed: int) -> GradientChain:
    """The gradient through plain and residual blocks with the same weights."""
    from explorer.blocks.gradient_chain import gradient_chain as measured

    return measured(blocks, gain, seed)
