"""Figures, drawn once for each theme, language and data."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import streamlit as st

from explorer.records import NetworkInstance
from explorer.ui.cached import networks, painted
from explorer.ui.cached.networks import Words


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
    painter: str = "",
) -> Any:
    """The shape pipeline of a network with an image on its input, and on the first volume what an untrained filter
    makes of it; with a `painter`, weights trained for the network, every volume carries its mean map instead.
    """
    from explorer.figures.maps import coloured
    from explorer.figures.theme import theme_of
    from explorer.figures.volumes import pipeline

    faces = {0: networks.photograph(image, instance.size, instance.input_shape[0])}
    segments = networks.outline(instance, level)
    if painter:
        faces |= painted.faces(painter, networks.input_image(image), level)
    else:
        maps = networks.first_maps(instance, image).maps
        strongest = maps[maps.std((1, 2)).argmax()]
        if segments[0].out_shape[1:] == strongest.shape:  # a stage ends behind the first convolution, on another grid
            faces[1] = coloured(strongest)
    return pipeline(
        segments,
        instance.input_shape,
        theme=theme_of(dark),
        labels=dict(labels),
        scale=stretch,
        faces=faces,
        title=networks.trace(instance).title,
    )
