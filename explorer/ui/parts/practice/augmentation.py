"""The page Augmentation: its state, and which image is augmented, how, and how it is drawn."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import streamlit as st

from explorer.fields import Field, flag, number, slug
from explorer.images import PHOTOGRAPHS, load
from explorer.records import InputImage
from explorer.ui.cached.practice import augmentation as cached
from explorer.ui.parts.practice.augmentation_training import FIELDS, TrainingFields
from explorer.ui.shell import state
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.image import ImageFields

PRESETS = {
    "inception": "resized-crop_mirror_jitter",
    "he": "crop_mirror",
    "alexnet": "crop*padding-0.071_mirror_pca-colour",
    "cutout": "crop_mirror_cutout",
    "randaugment": "resized-crop_mirror_randaugment",
    "cutmix": "resized-crop*low-0.35_mirror_cutmix",
    "digits": "crop*padding-0.075_rotation_warp",
    "robust": "jpeg_noise_blur",
    "much": (
        "resized-crop*low-0.02_rotation*degrees-180_jitter*brightness-1*contrast-1*saturation-1*hue-0.5"
        "_erasing*p-1*high-0.8"
    ),
}
"""Chains to start from; the first one is where the page opens."""

_NAME = re.compile(r"[^\W_]([^\W_]|[ -]){0,29}")
MOST_SAVED = 6
"""Chains that are kept under names."""

Saved = tuple[tuple[str, str], ...]
"""Chains under names: (name, text of the chain)."""


def is_name(name: str) -> bool:
    """Whether a chain may be called so: letters, digits, spaces and hyphens, up to thirty."""
    return bool(_NAME.fullmatch(name))


def _read_saved(raw: str) -> Saved:
    if len(raw) > 6_000:
        raise ValueError(raw[:40])
    parts = raw.split("~") if raw else []
    names, texts = parts[::2], parts[1::2]
    if len(names) != len(texts) or len(set(names)) < len(names) or not all(map(is_name, names)):
        raise ValueError(raw[:40])
    return tuple(zip(names, map(cached.parsed, texts), strict=True))[:MOST_SAVED]


def _write_saved(saved: Saved) -> str:
    return "~".join(part for each in saved for part in each)


CHAIN: Field[str] = Field("chain", PRESETS["inception"], cached.parsed, label="augmentation.chain")
SAVED: Field[Saved] = Field("mine", (), _read_saved, _write_saved, label="augmentation.mine")


@dataclass(frozen=True, slots=True)
class AugmentationState:
    """What is chosen on the page: an image, a second one to mix it with, a chain, a seed; what is looked at besides.

    `step` is the step of the chain whose options are shown, `draw` the draw of the sheet that other images get as
    well. `source` is whose colours AlexNet's colour augmentation takes. `mine` are chains under names. `training` is
    what is shown of the runs with and without augmentation.
    """

    image: ImageFields = field(default_factory=ImageFields)
    partner: Field[str] = slug("partner", "coffee", label="augmentation.partner")
    chain: Field[str] = CHAIN
    step: Field[int] = number("step", 1, 12, 1, label="augmentation.step")
    seed: Field[int] = number("seed", 0, 9_999, 2)
    draw: Field[int] = number("draw", 1, cached.COUNT, 1, label="augmentation.draw")
    asks: Field[bool] = flag("asks", True, label="augmentation.asks")
    alone: Field[bool] = flag("alone", label="augmentation.alone")
    sweep: Field[str] = slug("sweep", "rotation.degrees", label="augmentation.sweep")
    source: Field[str] = slug("cloud", "image", label="augmentation.source")
    root: Field[bool] = flag("root", label="augmentation.root")
    mine: Field[Saved] = SAVED
    training: TrainingFields = FIELDS


STATE = AugmentationState()


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """What a sheet is made of, as the cached calls take it."""

    text: str
    image: InputImage
    partner: InputImage
    source: str
    seed: int

    @property
    def given(self) -> tuple[str, InputImage, InputImage, str, int]:
        """The arguments of a cached call."""
        return self.text, self.image, self.partner, self.source, self.seed

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What stands for it."""
        return self.text, self.image.key, self.partner.key, self.source, self.seed


def photograph(slug: str) -> InputImage:
    """A bundled photograph."""
    return InputImage(slug, load(slug))


def choose_partner(text: str) -> InputImage:
    """The second image, with a widget where the chain mixes two."""
    if not cached.mixes(text):
        return photograph(STATE.partner.default)
    named = {each.slug: t(f"image.{each.slug}") for each in PHOTOGRAPHS}
    first = STATE.partner.default
    return photograph(inputs.select(STATE.partner, tuple(named), named.__getitem__, default=first))


def choose_seed() -> int:
    """The seed of the sheet, and a button for the next one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = inputs.number(STATE.seed)
        following = (seed + 1) % (int(STATE.seed.high) + 1)
        label, icon = t("augmentation.again"), ":material/casino:"
        st.button(label, icon=icon, type="primary", on_click=state.assign, args=(STATE.seed, following))
    return seed
