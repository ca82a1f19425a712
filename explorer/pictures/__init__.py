"""Pictures to look at: photographs that scikit-image carries in its package, so they are there offline; a visitor's.

Law: numpy and pillow only. To add a photograph, add a line to `PICTURES`; to read one more format, one to `FORMATS`.
"""

from explorer.pictures.bundled import PICTURES, Picture, fitted, load, picture, thumbnail
from explorer.pictures.decoding import MOST_MEGABYTES, MOST_MEGAPIXELS, SUFFIXES, decode

__all__ = [
    "MOST_MEGABYTES",
    "MOST_MEGAPIXELS",
    "PICTURES",
    "SUFFIXES",
    "Picture",
    "decode",
    "fitted",
    "load",
    "picture",
    "thumbnail",
]
