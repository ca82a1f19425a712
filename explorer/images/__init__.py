"""Images: photographs bundled with scikit-image, so that they need no network; a digit; decoding of visitors' files.

Law: numpy, pillow and pi_heif (HEIC) only. To add a photograph, add a line to `PHOTOGRAPHS`; to read one more format,
one to `FORMATS`. `python -m explorer.images` decodes one file for `apart`.
"""

from explorer.images.bundled import DIGIT, PHOTOGRAPHS, Photograph, as_input, crop, fitted, load, photograph, thumbnail
from explorer.images.decoding import MOST_MEGABYTES, MOST_MEGAPIXELS, SUFFIXES, decode

__all__ = [
    "DIGIT",
    "MOST_MEGABYTES",
    "MOST_MEGAPIXELS",
    "PHOTOGRAPHS",
    "SUFFIXES",
    "Photograph",
    "as_input",
    "crop",
    "decode",
    "fitted",
    "load",
    "photograph",
    "thumbnail",
]
