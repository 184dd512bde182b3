"""Patch of the stock COCO reader: name an image that cannot be read.

``KeypointTopDownBaseDataset`` crashes on an image that OpenCV cannot read, without
saying which one it is.
"""

from typing import Any, Callable, Dict

import cv2
from ppdet.data.source.keypoint_coco import KeypointTopDownBaseDataset

from ..compat.architecture import is_claimed
from ..errors import UserError
from .wrapping import wrap


def install() -> None:
    """Wrap the reader of samples; raises ImportError as ``wrap`` does."""
    wrap(KeypointTopDownBaseDataset, "__getitem__", ["self", "idx"], _getitem)


def _getitem(stock: Callable[..., Any], self: Any, idx: int) -> Dict[str, Any]:
    try:
        return stock(self, idx)
    except cv2.error as error:
        path = self.db[idx]["image_file"]
        if not is_claimed(self) or cv2.imread(path) is not None:
            raise
        raise UserError(f"{self.get_anno()}: image {path} cannot be read") from error
