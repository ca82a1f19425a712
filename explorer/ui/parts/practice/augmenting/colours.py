"""The colours of the image or of a data set as a cloud, and AlexNet's shift along its components."""

from __future__ import annotations

import streamlit as st

from explorer.figures import augmentation as figures
from explorer.figures.tiles import Tile
from explorer.records import ColourCloud
from explorer.ui.cached import own_sets
from explorer.ui.cached.practice import colours as cached
from explorer.ui.parts.practice.augmentation import STATE, Drawing
from explorer.ui.parts.practice.augmenting import words
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import dataset_name, t
from explorer.ui.widgets import inputs

_ALPHAS = (-1.0, -0.3, 0.0, 0.3, 1.0)
_CHANNELS = ("red", "green", "blue")
_TILE = 80  # pixels


def choose_source() -> str:
    """Whose colours: those of the image, or of a data set that is there and has colours."""
    from explorer import datasets

    layout.section(t("augmentation.cloud"), t("augmentation.cloud_note"))
    grey = {slug for slug, spec in datasets.datasets().items() if spec.shape[0] == 1}
    here = (slug for slug in own_sets.present() if slug not in grey)
    named = {"image": t("augmentation.this_image"), **{slug: dataset_name(slug) for slug in here}}
    return str(inputs.select(STATE.source, tuple(named), named.__getitem__, default="image"))


def show(drawing: Drawing) -> None:
    """The cloud with its components, and beside it the image moved along each of them."""
    found = cached.cloud(drawing.image, drawing.source)
    left, right = st.columns([5, 6], gap="large")
    with left:
        _cloud(found)
    with right:
        st.markdown(t("augmentation.pca_rule"))
        root = inputs.toggle(STATE.root)
        for component in range(3):
            _along(drawing, found, component, root=root)


def _cloud(found: ColourCloud) -> None:
    from explorer.inspection import shift

    red, green, blue = map(words.number_name, _CHANNELS)
    title, component = t("augmentation.cloud"), t("augmentation.component")
    fig = figures.cloud(found, theme=layout.theme(), channels=(red, green, blue), component=component, title=title)
    first, second, third = (f"{100 * share:.1f}" for share in found.shares)
    sentence = t("augmentation.cloud_alt", first=first, second=second, third=third)
    components = zip(found.values.tolist(), found.vectors, found.shares, strict=True)
    rows = [
        {
            component: number,
            "λ": f"{value:.5f}",
            **{name: f"{part:.3f}" for name, part in zip((red, green, blue), vector.tolist(), strict=True)},
            t("augmentation.variance"): f"{100 * share:.1f}%",
        }
        for number, (value, vector, share) in enumerate(components, 1)
    ]
    formula = r"[p_1\; p_2\; p_3]\,[\alpha_1 \lambda_1,\; \alpha_2 \lambda_2,\; \alpha_3 \lambda_3]^{\mathsf T}"
    exhibit.show(Exhibit("colours", fig, sentence, rows=rows, formula=formula, code=(shift,), note=sentence))


def _along(drawing: Drawing, found: ColourCloud, component: int, *, root: bool) -> None:
    given = drawing.image, drawing.source, component
    tiles, rows = [], []
    for alpha, picture in zip(_ALPHAS, cached.shifted(*given, _ALPHAS, root), strict=True):
        levels = cached.shift_levels(*given, alpha, root)
        tiles.append(Tile(picture, f"α = {_signed(alpha)}  \n{', '.join(map(_signed, levels))}"))
        named = zip(_CHANNELS, levels, strict=True)
        rows.append({"α": _signed(alpha), **{words.number_name(name): f"{level:+.2f}" for name, level in named}})
    share = f"{100 * found.shares[component]:.1f}"
    most = f"{max(map(abs, cached.shift_levels(*given, 0.3, root))):.1f}"
    sentence = t("augmentation.along_alt", component=component + 1, share=share, most=most)
    st.markdown(f"**{t('augmentation.component')} {component + 1}** · {share}%")
    exhibit.show(Exhibit(f"along-{component + 1}", tuple(tiles), sentence, rows=rows, width=_TILE))


def _signed(value: float) -> str:
    """A number with its sign and one decimal; what rounds to nothing is 0."""
    return "0" if abs(value) < 0.05 else f"{value:+.1f}".replace("-", "−")
