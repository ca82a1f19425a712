"""Pictures to start a pipeline from: photographs that scikit-image carries in its package, so they are there offline.

Law: numpy and pillow only. To add one, add a line to `PICTURES`.
"""

from explorer.pictures.bundled import PICTURES, Picture, fitted, load, picture, thumbnail

__all__ = ["PICTURES", "Picture", "fitted", "load", "picture", "thumbnail"]
