"""Pictures with an EXIF orientation, whose bytes are written by hand."""

import struct

import cv2
import numpy as np


def exif(tag):
    """The segment of a JPEG that holds nothing but the orientation."""
    # Big-endian TIFF, its directory at byte 8: one entry, the tag 0x0112, a SHORT.
    tiff = b"MM" + struct.pack(">HIHHHIHHI", 42, 8, 1, 0x0112, 3, 1, tag, 0, 0)
    content = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content


def with_tag(jpeg, tag):
    """The bytes of a JPEG with an orientation, right after its first marker."""
    return jpeg[:2] + exif(tag) + jpeg[2:]


def write_turned(path, tag, image=None):
    """Write a JPEG with an EXIF orientation; by default 12 x 10 pixels of gray."""
    image = np.full((10, 12, 3), 90, np.uint8) if image is None else image
    _, jpeg = cv2.imencode(".jpg", image)
    path.write_bytes(with_tag(jpeg.tobytes(), tag))
