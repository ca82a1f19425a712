"""The menu: sections of pages. A page is one line here and one file under `pages/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.ui.shell.words import t

NAME = "ConvNet Atlas"
"""Of the app, in every language."""


@dataclass(frozen=True, slots=True)
class PageSpec:
    """A page: its address and its icon; its file is `pages/<section>/<slug>.py`, its title the string `nav.<slug>`.

    `lesson` names the lesson of a page that it ends with, `quiz` the questions that follow it. `next` is the page that
    its foot leads on to. `about` are the families of networks that it is about ("*": whichever is chosen), `network`
    the one that it stands for where none is chosen on it.
    """

    slug: str
    icon: str
    lesson: str = ""
    quiz: tuple[str, ...] = ()
    next: str = ""
    about: tuple[str, ...] = ()
    network: str = ""
    default: bool = False


ANY = ("*",)
"""A page about whichever network is chosen."""

SECTIONS: dict[str, tuple[PageSpec, ...]] = {
    "architectures": (
        PageSpec("atlas", ":material/explore:", next="pipeline", default=True),
        PageSpec("pipeline", ":material/view_in_ar:", quiz=("conv-output-size",), next="convolution", about=ANY),
        PageSpec("glossary", ":material/dictionary:", next="atlas"),
    ),
    "blocks": (
        PageSpec(
            "convolution",
            ":material/grid_on:",
            lesson="convolution",
            quiz=("conv-weights", "stacked-field", "shifted-output"),
            next="nonlinearities",
        ),
        PageSpec(
            "nonlinearities",
            ":material/show_chart:",
            lesson="nonlinearities",
            quiz=("pool-volume", "bias-before-norm"),
            next="residual",
        ),
        PageSpec(
            "residual",
            ":material/merge_type:",
            lesson="residual",
            quiz=("residual-parameters", "gradient-chain"),
            next="inception",
            about=("resnet",),
            network="cifar-resnet20",
        ),
        PageSpec(
            "inception",
            ":material/account_tree:",
            lesson="inception",
            quiz=("bottleneck-cost", "pool-branch", "bottleneck-rank"),
            next="efficient",
            about=("inception",),
            network="googlenet",
        ),
        PageSpec(
            "efficient",
            ":material/compress:",
            lesson="efficient",
            quiz=("separable-cost", "linear-bottleneck"),
            next="maps",
            about=("mobilenet", "efficientnet", "densenet"),
            network="mobilenet-v2",
        ),
    ),
    "looking": (
        PageSpec("maps", ":material/blur_on:", lesson="maps", next="why", about=ANY),
        PageSpec("why", ":material/help_center:", lesson="why", next="units", about=ANY),
        PageSpec("units", ":material/psychology:", lesson="units", next="degradation", about=ANY),
    ),
    "training": (
        PageSpec(
            "degradation",
            ":material/stacked_line_chart:",
            lesson="degradation",
            quiz=("zero-blocks",),
            next="lenet",
            about=("resnet",),
            network="cifar-resnet56",
        ),
        PageSpec("lenet", ":material/draw:", lesson="lenet", next="transfer", about=("lenet",), network="lenet5"),
        PageSpec(
            "transfer",
            ":material/move_up:",
            lesson="transfer",
            quiz=("head-parameters", "frozen-statistics"),
            next="runs",
            about=("efficientnet",),
            network="efficientnet-lite0",
        ),
        PageSpec("runs", ":material/monitoring:", lesson="runs", next="augmentation"),
    ),
    "practice": (
        PageSpec(
            "augmentation",
            ":material/auto_awesome_motion:",
            lesson="augmentation",
            quiz=("crop-count", "pca-units"),
            next="feeding",
        ),
        PageSpec(
            "feeding",
            ":material/speed:",
            lesson="feeding",
            quiz=("loader-workers", "twice-as-fast"),
            next="crops",
        ),
        PageSpec(
            "crops",
            ":material/grid_view:",
            lesson="crops",
            quiz=("crop-cost", "shared-mistakes"),
            next="glossary",
            about=ANY,
        ),
    ),
}

HOME = next(spec.slug for specs in SECTIONS.values() for spec in specs if spec.default)
"""The page that is shown first; Streamlit gives it no address of its own."""

_PAGES = Path(__file__).parents[3] / "pages"


def page_of(spec: PageSpec) -> Any:
    """The `st.Page` of a page, titled in the session's language."""
    section = next(name for name, specs in SECTIONS.items() if spec in specs)
    return st.Page(
        _PAGES / section / f"{spec.slug}.py",
        title=t(f"nav.{spec.slug}"),
        icon=spec.icon,
        url_path="start" if spec.default else spec.slug,  # the first page is at "/", and reserves this besides
        default=spec.default,
    )


def home_by_name() -> Any:
    """The first page once more, under its own name: /atlas is an address that people type."""
    section = next(name for name, specs in SECTIONS.items() if spec_of(HOME) in specs)
    return st.Page(_PAGES / section / f"{HOME}.py", title=t(f"nav.{HOME}"), url_path=HOME, visibility="hidden")


def about(family: str) -> tuple[PageSpec, ...]:
    """The pages about networks of a family, in the order of the menu."""
    return tuple(spec for specs in SECTIONS.values() for spec in specs if {"*", family} & {*spec.about})


def spec_of(slug: str) -> PageSpec:
    """The declaration of a page by slug. Raises `StopIteration` for an unknown one."""
    return next(spec for specs in SECTIONS.values() for spec in specs if spec.slug == slug)


def page(slug: str) -> Any:
    """The `st.Page` of a slug, for links and `switch_page`. Raises `StopIteration` for an unknown one."""
    return page_of(spec_of(slug))
