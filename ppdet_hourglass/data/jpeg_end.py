"""Telling a JPEG that was cut off, which OpenCV decodes to a picture with a grey part.

A marker is the byte 0xFF and another byte.  Compressed pixels contain neither the end's
marker (ITU-T T.81, B.1.1.5) nor one of a segment, so that the end is found without
decoding.  Thumbnails have an end of their own, but lie in segments before the pixels.
"""

import os
from typing import Iterator, Optional, Tuple

START, END = b"\xff\xd8", b"\xff\xd9"

#: Second byte of the marker after which the pixels begin.
START_OF_SCAN = 0xDA


def is_cut_off(content: bytes) -> bool:
    """Whether a file's content is a JPEG whose end is missing.

    It is false for files of other formats.
    """
    if not content.startswith(START):
        return False
    pixels = _start_of_pixels(content)
    return pixels is None or content.rfind(END) < pixels


def is_file_cut_off(path: str) -> bool:
    """:func:`is_cut_off` of a file, of which it seldom reads more than the end.

    Raises:
        OSError: the file cannot be read.
    """
    with open(path, "rb") as file:
        if file.read(len(START)) != START:
            return False
        file.seek(-len(END), os.SEEK_END)
        if file.read() == END:
            return False
        file.seek(0)
        return is_cut_off(file.read())


def segments(content: bytes) -> Iterator[Tuple[Optional[int], int]]:
    """Second byte of each segment's marker, and the marker's index, to the first scan.

    Where no segment follows, the byte is None, and the decoder will judge.
    """
    place = len(START)
    while place + 4 <= len(content):
        if content[place] != 0xFF:
            yield None, place
            return
        marker = content[place + 1]
        if marker == 0xFF:  # padding before a marker
            place += 1
            continue
        yield marker, place
        if marker == START_OF_SCAN:
            return
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")


def _start_of_pixels(content: bytes) -> Optional[int]:
    """Index of the first scan; None if the file ends before it."""
    for marker, place in segments(content):
        if marker in (None, START_OF_SCAN):
            return place
    return None
