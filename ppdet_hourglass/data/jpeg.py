"""A JPEG's bytes: whether its end is there, and how to read only its upper rows.

A marker is the byte 0xFF and another byte.  Compressed pixels contain neither the end's
marker (ITU-T T.81, B.1.1.5) nor one of a segment, so that both questions are answered
without decoding.  Thumbnails have an end of their own, but lie in segments before the
pixels.
"""

from typing import Iterator, Optional, Tuple, Union

START, END = b"\xff\xd8", b"\xff\xd9"

#: Second byte of the marker after which the pixels begin.
START_OF_SCAN = 0xDA

#: Second bytes of the markers of frames whose blocks come row by row (ITU-T T.81,
#: table B.1: baseline and extended sequential, Huffman coding).
SEQUENTIAL = (0xC0, 0xC1)

#: Rows below, on which the colours of the last ones depend: colours are stored for
#: every second row at least, and interpolated.
BELOW = 2


def lacks_end(content: bytes) -> bool:
    """Whether a file's content is a JPEG without its end; false for other formats."""
    if not content.startswith(START):
        return False
    for marker, place in _segments(content):
        if marker in (None, START_OF_SCAN):
            return content.rfind(END) < place
    return True


def is_sequential(content: bytes) -> bool:
    """Whether the content is a JPEG with all colours in one scan, row by row."""
    return _height_place(content) is not None


def upper_rows(content: bytes, rows: int) -> Union[bytes, bytearray]:
    """The content of a JPEG, with a header that states fewer ``rows``.

    A decoder stops after as many rows as the header says, and most of its time goes
    into reading compressed pixels, which it must do from the top.  The content is
    unchanged if the JPEG has hardly more rows or is not :func:`is_sequential`.
    """
    place = _height_place(content)
    if place is None:
        return content
    height = int.from_bytes(content[place : place + 2], "big")
    if rows + BELOW >= height:
        return content
    less = bytearray(content)
    less[place : place + 2] = (rows + BELOW).to_bytes(2, "big")
    return less


def _height_place(content: bytes) -> Optional[int]:
    """Index of the frame's height; None unless the JPEG is sequential."""
    frame = None
    for marker, place in _segments(content):
        if marker in SEQUENTIAL:
            frame = place
        elif marker == START_OF_SCAN and frame is not None:
            # After marker and length: bits, height and width, and the components.
            components = content[frame + 9 : frame + 10]
            in_one_scan = content[place + 4 : place + 5] == components
            return frame + 5 if in_one_scan else None
    return None


def _segments(content: bytes) -> Iterator[Tuple[Optional[int], int]]:
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
