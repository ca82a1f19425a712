"""ImageNet's thousand classes read as classes of CIFAR-10: one table, no other choice is made anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_DOGS = range(151, 269)
_BIRDS = (*range(7, 25), *range(80, 101), *range(127, 147))

CIFAR_FROM_IMAGENET: Mapping[str, tuple[int, ...]] = {
    "airplane": (404, 895),  # airliner, warplane
    "automobile": (436, 468, 511, 609, 627, 656, 661, 751, 817),  # beach wagon, cab, convertible, jeep ... sports car
    "bird": _BIRDS,
    "cat": (281, 282, 283, 284, 285),  # tabby, tiger cat, Persian, Siamese, Egyptian
    "dog": tuple(_DOGS),
    "frog": (30, 31, 32),
    "horse": (339,),  # sorrel
    "ship": (403, 472, 484, 510, 554, 576, 625, 628, 724, 780, 814, 833, 871, 914),  # aircraft carrier ... yawl
    "truck": (555, 569, 675, 717, 864, 867),  # fire engine, garbage truck, moving van, pickup, tow and trailer truck
}
"""Indices of ImageNet's classes for each of CIFAR-10's. ImageNet has no deer: those images are left out. Between
automobile and truck CIFAR-10 leaves out what is neither; so do ambulances, buses and police vans here."""


Groups = tuple[tuple[int, ...], ...]
"""The categories of a model that stand for each class of a data set."""


def groups_for(categories: Sequence[str], classes: Sequence[str]) -> tuple[tuple[str, ...], Groups]:
    """The classes that can be told apart, and which of a model's categories stand for each.

    A model with the data set's own classes gives every class its own category. Raises `ValueError` where neither fits.
    """
    if tuple(categories) == tuple(classes):
        return tuple(classes), tuple((index,) for index in range(len(classes)))
    known = tuple(name for name in classes if name in CIFAR_FROM_IMAGENET)
    if len(categories) != 1000 or len(known) < 2:
        raise ValueError(f"{len(categories)} categories cannot be read as {', '.join(classes[:5])} ...")
    return known, tuple(CIFAR_FROM_IMAGENET[name] for name in known)
