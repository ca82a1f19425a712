"""Feature maps as one image: every pixel where it belongs, never wider than a page."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from explorer.figures.maps import GAP, WIDEST, coloured, grid_png, scaled, sheet, viridis


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    image.load()
    assert image.format == "PNG"
    assert image.mode == "P"
    return image


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("columns", [1, 6, 12, 24])
def test_no_grid_is_wider_than_the_page(columns: int) -> None:
    sides = (1, 3, 7, 14, 28, 55, 56, 112, 149, 224, 299, 300, 448, 600, 1024)
    widths = {side: opened(grid_png(noise(columns + 1, side, side), columns=columns)).width for side in sides}
    assert {side: width for side, width in widths.items() if width > WIDEST} == {}


def test_the_same_maps_give_the_same_bytes() -> None:
    assert grid_png(noise(7, 9, 11), columns=3) == grid_png(noise(7, 9, 11), columns=3)
    assert grid_png(noise(7, 9, 11), columns=3) != grid_png(-noise(7, 9, 11), columns=3)


@pytest.mark.parametrize("shared", [False, True])
def test_every_map_stands_in_its_place(shared: bool) -> None:
    maps = noise(5, 30, 40)
    maps[3] *= 9
    image = opened(grid_png(maps, columns=3, shared=shared, gap=2))
    factor = image.width // (3 * 42 - 2)
    assert (image.width, image.height) == (factor * (3 * 42 - 2), factor * (2 * 32 - 2))
    entries = np.asarray(image)[::factor, ::factor]
    assert (np.asarray(image) == entries.repeat(factor, 0).repeat(factor, 1)).all()
    expected = scaled(maps, shared=shared)
    for i, (row, column) in enumerate([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]):
        top, left = row * 32, column * 42
        assert (entries[top : top + 30, left : left + 40] == expected[i]).all()
    assert (entries[30:32] == GAP).all()
    assert (entries[32:, 84:] == GAP).all()  # the place of a sixth map


def test_between_the_maps_the_page_shines_through() -> None:
    pixels = np.asarray(opened(grid_png(noise(2, 4, 4), columns=2)).convert("RGBA"))
    assert set(np.unique(pixels[..., 3])) == {0, 255}
    assert (pixels[:, 0, 3] == 255).all()


def test_the_colours_are_those_of_the_palette() -> None:
    maps = noise(1, 16, 16)
    image = opened(grid_png(maps, columns=1))
    factor = image.width // 16
    assert (np.asarray(image.convert("RGB"))[::factor, ::factor] == coloured(maps[0])).all()


def test_each_map_fills_the_scale_of_its_own_or_all_share_one() -> None:
    maps = np.stack([np.linspace(0, 1, 12).reshape(3, 4), np.linspace(0, 10, 12).reshape(3, 4)])
    own, shared = scaled(maps, shared=False), scaled(maps, shared=True)
    assert [(m.min(), m.max()) for m in own] == [(0, GAP - 1)] * 2
    assert [(m.min(), m.max()) for m in shared] == [(0, 25), (0, GAP - 1)]


def test_a_dead_map_is_dark_and_no_division_by_zero() -> None:
    assert (scaled(np.full((2, 3, 3), 7.0), shared=False) == 0).all()
    opened(grid_png(np.zeros((1, 1, 1)), columns=1))


def test_the_palette_grows_lighter() -> None:
    colours = viridis().astype(float)
    assert colours.shape == (256, 3)
    lightness = colours[::5] @ [0.2126, 0.7152, 0.0722]  # neighbours may round to the same
    assert (np.diff(lightness) > 0).all()


@pytest.mark.parametrize(("count", "side"), [(64, 112), (512, 28), (2048, 7), (1000, 1), (3, 5)])
def test_a_sheet_stays_light_and_its_places_are_where_it_says(count: int, side: int) -> None:
    maps = noise(count, side, side)
    made = sheet(maps, shared=True, columns=min(count, 32))
    assert len(made.png) * 4 / 3 < 400_000
    pixels = np.asarray(opened(made.png))
    assert pixels.shape == (made.rows * made.pitch[0] - made.gap, made.columns * made.pitch[1] - made.gap)
    last = divmod(count - 1, made.columns)
    top, left = last[0] * made.pitch[0], last[1] * made.pitch[1]
    thin = side // (made.pitch[0] - made.gap) if side > 1 else 1
    expected = scaled(maps[:, ::thin, ::thin], shared=True)[-1]
    rows, columns = expected.shape
    found = pixels[top : top + rows, left : left + columns]
    assert np.abs(found.astype(int) - expected).max() <= 3  # 48 colours stand for 255
    assert made.gap == 0 or made.rows == 1 or (pixels[made.pitch[0] - made.gap : made.pitch[0]] == GAP).all()


def test_every_map_of_a_sheet_is_found_by_its_pitch() -> None:
    """Maps wider than tall: `pitch` (down, across) leads from each to the next, level for level."""
    maps = noise(5, 4, 30)
    made = sheet(maps, shared=False, columns=2, levels=255)
    cells = np.asarray(opened(made.png))  # palette entries
    assert (made.rows, made.columns) == (3, 2)
    for number, each in enumerate(maps):
        top, left = number // 2 * made.pitch[0], number % 2 * made.pitch[1]
        levels = (each - each.min()) / (each.max() - each.min()) * 254
        np.testing.assert_allclose(cells[top : top + 4, left : left + 30], levels, atol=0.51)
