"""What several files of targets share."""

import cv2
import numpy as np


def write(path, content):
    path.write_bytes(content)
    return str(path)


def _pictures():
    image = np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)
    endings = (".jpg", ".png", ".webp", ".bmp", ".tif")
    return [cv2.imencode(ending, image)[1].tobytes() for ending in endings]


PICTURES = _pictures()
