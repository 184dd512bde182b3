"""Patch of the stock COCO reader: name an image that cannot be read, or skip it.

``KeypointTopDownBaseDataset`` crashes on an image that OpenCV cannot read, without
saying which one it is, and trains on the grey part of one that is cut off.
"""

from typing import Any, Callable, Dict

import cv2
from ppdet.data.source.keypoint_coco import KeypointTopDownBaseDataset

from ..compat.stock import is_claimed
from ..data.bad_images import read_or_replace
from ..data.images import ImageError, refuse_cut_off
from .wrapping import wrap


def install() -> None:
    """Wrap the reader of samples; raises ImportError as ``wrap`` does."""
    wrap(KeypointTopDownBaseDataset, "__getitem__", ["self", "idx"], _getitem)


def _getitem(stock: Callable[..., Any], self: Any, idx: int) -> Dict[str, Any]:
    if not is_claimed(self):
        return stock(self, idx)
    return read_or_replace(self, idx, lambda index: _sample(stock, self, index))


def _sample(stock: Callable[..., Any], self: Any, idx: int) -> Dict[str, Any]:
    path = self.db[idx]["image_file"]
    refuse_cut_off(path, self.get_anno())
    try:
        return stock(self, idx)
    except cv2.error as error:
        if cv2.imread(path) is not None:
            raise
        raise ImageError(f"{self.get_anno()}: image {path} cannot be read") from error
