"""Figures, drawn once for each theme, language and data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.records import NetworkInstance
from explorer.ui.cached import networks
from explorer.ui.cached.networks import Words

if TYPE_CHECKING:
    import numpy as np


@st.cache_resource(
    max_entries=256, show_spinner=False, hash_funcs={FunctionType: lambda function: function.__qualname__}
)
def figure(
    draw: Callable[..., Any], dark: bool, labels: Words, key: tuple[Any, ...], _data: tuple[Any, ...], **options: Any
) -> Any:
    """The figure that a function of `explorer.figures` draws from `_data`, cached.

    The data are handed on and not hashed (a trace has thousands of fields); `key` stands for them.
    """
    from explorer.figures.theme import theme_of

    return draw(*_data, theme=theme_of(dark), labels=dict(labels), **options)


@st.cache_resource(max_entries=128, show_spinner=False)
def drawing(
    instance: NetworkInstance,
    image: str,
    level: str,
    stretch: str,
    dark: bool,
    labels: Words,
    painter: str | None,
    _faces: Mapping[int, np.ndarray],
) -> Any:
    """The shape pipeline of a network with an image on its input, and on the volumes their faces.

    `painter` stands for the faces: the id of the weights they are of, "" for untrained ones, None for none.
    """
    from explorer.figures.theme import theme_of
    from explorer.figures.volumes import pipeline

    return pipeline(
        networks.outline(instance, level),
        instance.input_shape,
        theme=theme_of(dark),
        labels=dict(labels),
        scale=stretch,
        faces={0: networks.photograph(image, instance.size, instance.input_shape[0]), **_faces},
        title=networks.trace(instance).title,
    )
