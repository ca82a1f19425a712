"""Cached calls around the colours of an image or of a data set."""

from __future__ import annotations

from explorer.records import ColourCloud, InputImage
from explorer.ui.cached.keeping import kept


def cloud(image: InputImage, source: str) -> ColourCloud:
    """The colours of the image, or of a data set. Raises `ExplorerError`."""
    return _of_image(image) if source == "image" else _of_dataset(source)


@kept(max_entries=16)
def _of_image(image: InputImage) -> ColourCloud:
    from explorer import inspection

    return inspection.colours_of_image(image.pixels)


@kept(max_entries=4)
def _of_dataset(dataset: str) -> ColourCloud:
    from explorer import inspection

    return inspection.colours_of_dataset(dataset)


@kept(max_entries=16)
def shifted(image: InputImage, source: str, component: int, alphas: tuple[float, ...], root: bool) -> tuple[bytes, ...]:
    """The image shifted along one component of the colours, once for each alpha."""
    from explorer import inspection
    from explorer.figures.augmentation import tile

    found = cloud(image, source)
    return tuple(map(tile, inspection.shifted(image.pixels, found, component, alphas, root=root)))


def shift_levels(image: InputImage, source: str, component: int, alpha: float, root: bool) -> tuple[float, ...]:
    """What is added to red, green and blue, in levels of 255."""
    from explorer import inspection

    return tuple(255 * float(value) for value in inspection.shift(cloud(image, source), component, alpha, root=root))
