"""The validation split of Tompson et al., "Efficient Object Localization Using
Convolutional Networks", CVPR 2015, that all published MPII validation figures use.

MPII's own file does not hold it.  ``tompson_split.txt`` lists, for each of the 2729
images, its people (1-based indices into ``annorect``), 2958 in all:
``RELEASE_img_index`` and ``RELEASE_person_index`` of the authors'
``detections.mat``, with images by name.
"""

from pathlib import Path
from typing import Dict, FrozenSet

SPLIT_FILE = Path(__file__).with_name("tompson_split.txt")

#: Image name -> numbers of its validation people.
Split = Dict[str, FrozenSet[int]]


def read_split() -> Split:
    """The split, from the file in this package."""
    split = {}
    for line in SPLIT_FILE.read_text(encoding="ascii").splitlines():
        stem, *numbers = line.split()
        split[f"{stem}.jpg"] = frozenset(map(int, numbers))
    return split
