"""The validation split of Tompson et al., which published MPII figures use.

Source: "Efficient Object Localization Using Convolutional Networks", CVPR 2015.
MPII's own file does not hold the split.  ``tompson_split.txt`` lists the people
(1-based indices in ``annorect``) of each of the 2729 images, 2958 in all:
``RELEASE_img_index`` and ``RELEASE_person_index`` of the authors'
``detections.mat``, with images by name.
"""

from pathlib import Path
from typing import Dict, FrozenSet

SPLIT_FILE = Path(__file__).with_name("tompson_split.txt")

#: Image name -> numbers of its validation people.
Split = Dict[str, FrozenSet[int]]


def read_split() -> Split:
    """Read the split from the package's file."""
    split = {}
    for line in SPLIT_FILE.read_text(encoding="ascii").splitlines():
        stem, *numbers = line.split()
        split[f"{stem}.jpg"] = frozenset(map(int, numbers))
    return split
