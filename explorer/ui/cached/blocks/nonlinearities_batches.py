"""Cached calls of the same page: what a shift of an image changes, and batches of real images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.records.nonlinear import BatchAccuracy, NormalizedBatch, ShiftedAnswers, TwoModes
from explorer.ui.cached import models as cached_models
from explorer.ui.cached.blocks.nonlinearities import images, model_id

if TYPE_CHECKING:
    from explorer.blocks.pooling import AsConvolution


# --- pooling ----------------------------------------------------------------------------------------------------------


@st.cache_data(max_entries=64, show_spinner=False)
def as_convolution(side: int, stride: int, channels: int) -> AsConvolution:
    """Mean pooling beside the depthwise convolution that is the same."""
    from explorer.blocks import pooling

    return pooling.as_convolution(side, stride, channels)


@st.cache_data(max_entries=32, show_spinner=False)
def shifted(code: str, by: int) -> ShiftedAnswers:
    """How a shift of the test digits changes what LeNet-5 computes."""
    from explorer import datasets
    from explorer.inspection import shifted_answers

    return shifted_answers(cached_models.model(model_id(code)), datasets.load("digits28"), by)


# --- batch normalisation ----------------------------------------------------------------------------------------------

_BATCHES = {"digits": "lenet-tanh", "shapes": "resnet20", "photographs": "lite0"}


@st.cache_data(max_entries=8, show_spinner=False)
def batch(code: str) -> NormalizedBatch:
    """A real batch after the first convolution of a trained network."""
    from explorer.inspection import normalized_batch

    source = _BATCHES[code]
    return normalized_batch(cached_models.model(model_id(source)), images(source)[:32])


@st.cache_data(max_entries=64, show_spinner=False)
def two_modes(code: str, image: str, companion: str) -> TwoModes:
    """One photograph in evaluation mode, and in training mode beside another one."""
    from explorer.images import load
    from explorer.inspection import two_modes as asked

    return asked(cached_models.model(model_id(code)), load(image), load(companion))


@st.cache_data(max_entries=16, show_spinner=False)
def thumbnail(image: str) -> bytes:
    """A bundled photograph, small."""
    from explorer.figures.averaging import thumbnail_png
    from explorer.images import fitted, load

    return thumbnail_png(fitted(load(image), (224, 224)))


@st.cache_data(max_entries=2, show_spinner=False)
def batch_accuracy() -> BatchAccuracy:
    """Accuracy in training mode by the size of a batch, of ResNet-20 on drawn shapes."""
    from explorer import datasets
    from explorer.inspection import batch_accuracy as measured

    return measured(cached_models.model(model_id("resnet20")), datasets.load("shapes"))
