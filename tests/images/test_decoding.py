"""Images of every format and mode come out as plain RGB; everything else is refused in one sentence."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from explorer.errors import BadImage
from explorer.images import MOST_MEGABYTES, SUFFIXES, apart, decode, decoding
from tests.images.making import HEIC

ROOT = Path(__file__).parents[2]
GRADIENT = np.linspace(0, 255, 24 * 36 * 3).reshape(24, 36, 3).astype(np.uint8)


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def reason(data: bytes) -> str:
    with pytest.raises(BadImage) as caught:
        decode(data)
    assert "\n" not in str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize(
    ("form", "exact"), [("PNG", 0), ("JPEG", 12), ("WEBP", 40), ("GIF", 40), ("TIFF", 0), ("AVIF", 40)]
)
def test_every_format_is_read(form: str, exact: int) -> None:
    pixels = decode(saved(Image.fromarray(GRADIENT), form))
    assert pixels.shape == GRADIENT.shape
    assert pixels.dtype == np.uint8
    assert not pixels.flags.writeable
    assert np.abs(pixels.astype(int) - GRADIENT).max() <= exact


def test_every_common_ending_of_the_formats_that_are_read_may_be_uploaded() -> None:
    written = set(SUFFIXES) - {"heic", "heif"}  # Pillow knows of them where another package registers them
    known = {ending for ending, form in Image.registered_extensions().items() if form in decoding.FORMATS}
    registered = {".heic", ".heics", ".heif", ".heifs", ".hif"}
    assert {f".{suffix}" for suffix in written} == known - {".apng", ".avifs", ".jpe", *registered}


def test_photographs_of_a_phone_are_read() -> None:
    pixels = decode(HEIC)
    assert pixels.shape == (32, 48, 3)
    assert not pixels.flags.writeable
    corners = [pixels[4, 4], pixels[4, -4], pixels[-4, 4], pixels[-4, -4]]
    wanted = [[250, 10, 10], [10, 250, 10], [10, 10, 250], [250, 250, 250]]
    assert np.abs(np.array(corners).astype(int) - wanted).max() <= 16


@pytest.mark.parametrize("orientation", [3, 6])
def test_an_avif_is_shown_upright(orientation: int) -> None:
    corner = np.zeros((16, 48, 3), np.uint8)
    corner[:8, :8] = 255
    turned = Image.fromarray(corner).rotate({3: 180, 6: 90}[orientation], expand=True)
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = decode(saved(turned, "AVIF", exif=exif, quality=95))
    assert pixels.shape == (16, 48, 3)
    assert np.abs(pixels.astype(int) - corner).max() < 80


@pytest.mark.parametrize("progressive", [False, True])
def test_a_photograph_of_48_megapixels_is_decoded_at_a_fraction_of_its_size(progressive: bool) -> None:
    """In a process of its own, whose memory is measured: at full size the pixels alone take 195 MB."""
    data = saved(Image.new("RGB", (8064, 6048), "teal"), "JPEG", progressive=progressive)
    code = """
import resource, sys
from explorer.images.decoding import decode_here
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(decode_here(data).shape, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True, cwd=ROOT)
    *shape, megabytes = done.stdout.decode().split()
    assert " ".join(shape) == "(1536, 2048, 3)"
    assert int(megabytes) < (350 if progressive else 150)  # a progressive one has all its coefficients in memory
    assert decode(data).shape == (1536, 2048, 3)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA"])
def test_every_mode_is_read(form: str, mode: str) -> None:
    image = Image.fromarray(GRADIENT).convert(mode)
    assert np.array_equal(decode(saved(image, form)), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_four_colours_of_print_are_read(form: str) -> None:
    image = Image.fromarray(GRADIENT).convert("CMYK")
    pixels = decode(saved(image, form))
    assert np.abs(pixels.astype(int) - GRADIENT).max() <= 12


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled(form: str) -> None:
    deep = np.array([[0, 257 * 100], [65_535, 300]], np.uint16)
    assert decode(saved(Image.fromarray(deep), form))[..., 0].tolist() == [[0, 100], [255, 1]]


def test_numbers_of_32_bits_are_stretched() -> None:
    for values in (np.array([[-1.0, 0.0, 1.0]], np.float32), np.array([[-(10**6), 0, 10**6]], np.int32)):
        assert decode(saved(Image.fromarray(values), "TIFF"))[0, :, 0].tolist() == [0, 128, 255]
    small = np.array([[0, 7, 255]], np.int32)
    assert decode(saved(Image.fromarray(small), "TIFF"))[0, :, 0].tolist() == [0, 7, 255]
    assert reason(saved(Image.fromarray(np.array([[np.nan, 1.0]], np.float32)), "TIFF")) == "numbers"


def test_a_flat_image_of_floating_point_numbers_is_dark() -> None:
    assert not decode(saved(Image.fromarray(np.full((3, 3), 7.5, np.float32)), "TIFF")).any()


def test_what_is_transparent_is_white() -> None:
    image = Image.new("RGBA", (3, 1), (255, 0, 0, 0))
    image.putpixel((1, 0), (255, 0, 0, 255))
    image.putpixel((2, 0), (255, 0, 0, 128))
    for form in ("PNG", "WEBP"):
        options = {"lossless": True} if form == "WEBP" else {}
        assert decode(saved(image, form, **options))[0].tolist() == [[255, 255, 255], [255, 0, 0], [255, 127, 127]]
    palette = Image.new("P", (2, 1))
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.putpixel((1, 0), 1)
    assert decode(saved(palette, "GIF", transparency=0))[0].tolist() == [[255, 255, 255], [0, 0, 255]]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_image_is_shown_upright(form: str, orientation: int) -> None:
    corner = np.zeros((16, 48, 3), np.uint8)
    corner[:8, :8] = 255
    upright = Image.fromarray(corner)
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    lying = upright.transpose(undo[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, Any] = {"quality": 100} if form in ("JPEG", "WEBP") else {}
    pixels = decode(saved(lying, form, exif=exif, **options))
    assert pixels.shape == (16, 48, 3)
    assert np.abs(pixels.astype(int) - corner).max() < 60


def test_of_moving_images_the_first_is_taken() -> None:
    first, second = (Image.new("RGB", (5, 4), colour) for colour in ("red", "blue"))
    for form in ("GIF", "WEBP", "TIFF", "PNG"):
        pixels = decode(saved(first, form, save_all=True, append_images=[second]))
        assert np.abs(pixels.astype(int) - [255, 0, 0]).max() <= 3, form


@pytest.mark.parametrize(("form", "mode"), [("JPEG", "RGB"), ("PNG", "P"), ("PNG", "I;16"), ("PNG", "RGBA")])
def test_a_large_image_is_thinned(form: str, mode: str) -> None:
    image = Image.new("RGB", (6000, 3000), "red").convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.fromarray(np.full((3000, 6000), 40_000, np.uint16))
    pixels = decode(saved(image, form))
    assert pixels.shape == (1024, 2048, 3)
    assert (pixels == pixels[0, 0]).all()


def test_a_line_stays_a_line() -> None:
    assert decode(saved(Image.new("L", (9000, 1), 7), "PNG")).shape == (1, 2048, 3)


# --- what is refused --------------------------------------------------------------------------------------------------


def test_other_files_are_no_images() -> None:
    for data in (b"hello", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"II*\x00", b"%PDF-1.7", b"<svg/>", bytes(1000)):
        assert reason(data) in ("unknown", "damaged", "tiff")
    assert reason(b"") == "empty"


def test_colours_as_floating_point_numbers_and_of_12_bits_are_named() -> None:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.zeros((8, 8, 3), np.float32), photometric="rgb")
    assert reason(buffer.getvalue()) == "tiff"
    jpeg = bytearray(saved(Image.fromarray(GRADIENT), "JPEG"))
    start = jpeg.index(b"\xff\xc0")
    assert (jpeg[start + 4], decoding.bits(bytes(jpeg))) == (8, 8)
    jpeg[start + 4] = 12
    assert reason(bytes(jpeg)) == "twelve_bits"


@pytest.mark.parametrize("form", ["BMP", "PPM", "ICO", "TGA", "PCX", "EPS", "PDF"])
def test_only_the_named_formats_are_opened(form: str) -> None:
    assert reason(saved(Image.fromarray(GRADIENT), form)) == "unknown"


def test_limits_hold_before_anything_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reason(bytes(MOST_MEGABYTES * 2**20 + 1)) == "too_large"
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    assert reason(bomb(8000, 7000)) == "too_many_pixels"
    assert reason(bomb(60_000, 60_000)) == "too_many_pixels"


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header declares many pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "TIFF"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_what_is_cut_short_is_refused(form: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    whole = saved(Image.fromarray(noise), form)
    assert reason(whole[: int(share * len(whole))]) in ("damaged", "unknown", "tiff")


@pytest.mark.parametrize("whole", [HEIC, saved(Image.fromarray(GRADIENT), "AVIF")], ids=["HEIC", "AVIF"])
def test_what_is_cut_short_is_refused_by_the_process_of_its_own(whole: bytes) -> None:
    assert {reason(whole[: int(share * len(whole))]) for share in (0.2, 0.9)} <= {"damaged", "unknown"}


def with_scans(wanted: int) -> bytes:
    """A progressive JPEG whose last scan is repeated."""
    whole = saved(Image.fromarray(GRADIENT).convert("L"), "JPEG", progressive=True)
    last = whole[whole.rindex(b"\xff\xc4") : -2]
    return whole[:-2] + last * (wanted - decoding.scans(whole)) + whole[-2:]


def test_a_jpeg_may_not_go_over_the_image_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pass costs as much as all of an image: a few hundred bytes more held a core for half a minute."""
    assert decode(with_scans(decoding.MOST_SCANS)).shape == GRADIENT.shape
    more = [with_scans(count) for count in (decoding.MOST_SCANS + 1, 5_000)]
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    assert [reason(data) for data in more] == ["scans", "scans"]


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_the_passes_of_a_jpeg_are_counted(mode: str, progressive: bool) -> None:
    """Compared with Pillow's count, whatever is in comments and after the end of the image."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    whole = saved(Image.fromarray(noise).convert(mode), "JPEG", progressive=progressive, quality=95)
    markers = whole.count(b"\xff\xda")  # what is coded holds none
    assert decoding.scans(whole) == markers == ({"L": 6, "RGB": 10, "CMYK": markers}[mode] if progressive else 1)
    note = b"\xff\xda" * 1_000
    noted = whole[:2] + b"\xff\xed" + (len(note) + 2).to_bytes(2) + note + whole[2:] + note
    assert decoding.scans(noted) == markers
    assert decode(noted).shape == noise.shape


def test_a_header_that_promises_more_is_refused() -> None:
    assert reason(bomb(6000, 6000)) == "damaged"


def test_a_tiff_with_absurd_tags_is_refused() -> None:
    whole = bytearray(saved(Image.fromarray(GRADIENT), "TIFF"))
    start = struct.unpack("<I", whole[4:8])[0]
    count = struct.unpack("<H", whole[start : start + 2])[0]
    for entry in range(count):
        at = start + 2 + 12 * entry
        hurt = bytearray(whole)
        hurt[at + 4 : at + 12] = b"\xff" * 8  # as many values as can be said, at an address far behind the end
        try:
            channels = decode(bytes(hurt)).shape[2]
        except BadImage:
            continue
        assert channels == 3


# --- in a process of its own ------------------------------------------------------------------------------------------


def test_a_process_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_PATIENCE", 0.01)
    assert reason(HEIC) == "exhausting"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit the address space")
def test_memory_and_processor_time_of_the_process_are_limited() -> None:
    code = "from explorer.images.__main__ import limit; limit(); "
    for greedy in ("bytearray(2 ** 32)", "import resource; exit(resource.getrlimit(resource.RLIMIT_CPU)[0])"):
        done = subprocess.run([sys.executable, "-c", code + greedy], capture_output=True, cwd=ROOT)
        assert done.returncode == (1 if "bytearray" in greedy else apart.MOST_SECONDS)
        assert (b"MemoryError" in done.stderr) == ("bytearray" in greedy)


def test_a_process_that_crashes_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert reason(HEIC) == "exhausting"


def test_others_do_not_wait_for_what_takes_long() -> None:
    with apart._slots, apart._slots:
        assert decode(saved(Image.fromarray(GRADIENT), "PNG")).shape == GRADIENT.shape
