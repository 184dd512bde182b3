"""Decoding no more of a JPEG than its upper rows.

A decoder stops after as many rows as the header says, and most of its time goes into
reading compressed pixels, which it must do from the top.
"""

from typing import Union

from .jpeg_end import START_OF_SCAN, segments

#: Second bytes of the markers of frames whose blocks come row by row (ITU-T T.81,
#: table B.1: baseline and extended sequential, Huffman coding).
SEQUENTIAL = (0xC0, 0xC1)

#: Rows below, on which the colours of the last ones depend: colours are stored for
#: every second row at least, and interpolated.
BELOW = 2


def upper_rows(content: bytes, rows: int) -> Union[bytes, bytearray]:
    """The content of a JPEG whose header says that it ends below these rows.

    It is unchanged if the JPEG has hardly more rows, or does not come row by row, such
    as progressive ones.

    Args:
        content: of the file.
        rows: how many rows are needed, at least 0.
    """
    frame = None
    for marker, place in segments(content):
        if marker in SEQUENTIAL:
            frame = place
        elif marker == START_OF_SCAN and frame is not None:
            # After marker and length: bits, height and width, and the components.
            height = int.from_bytes(content[frame + 5 : frame + 7], "big")
            components = content[frame + 9 : frame + 10]
            in_one_scan = content[place + 4 : place + 5] == components
            if in_one_scan and rows + BELOW < height:
                less = bytearray(content)
                less[frame + 5 : frame + 7] = (rows + BELOW).to_bytes(2, "big")
                return less
    return content
