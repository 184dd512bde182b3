"""Activities and occluded joints of people, in a file beside their annotations.

The public annotation files have no place for them, and stay as they are.  The file is
a JSON list with a record for each of theirs, in their order.
"""

import os
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from ...errors import UserError
from ...fields import OBJECT, TEXT, WHOLE, Kind, check, list_of, read_columns
from ...files import read_json
from .division import PersonOnImage

PEOPLE = list_of(OBJECT, "a list of records, one for each person")
NAME = Kind("a non-empty string or null", lambda v: v is None or TEXT.fits(v))
KINDS = {
    "image": TEXT,
    "category": NAME,
    "activity": NAME,
    "occluded": list_of(WHOLE, "a list of joints' indices"),
}


class Details(NamedTuple):
    """What MPII says about N people beside their joints.

    Attributes:
        categories: N kinds of activity, such as "sports"; None where unknown.
        activities: N activities of these kinds; None where unknown.
        occluded: N lists of annotated joints that are not visible.
    """

    categories: List[Optional[str]]
    activities: List[Optional[str]]
    occluded: List[List[int]]


def details_name(annotations: str) -> str:
    """Path of the file that belongs to an annotation file."""
    return os.path.splitext(annotations)[0] + "_details.json"


def make_details(person: PersonOnImage) -> Dict[str, Any]:
    """A person's record."""
    image, rectangle = person
    return {
        "image": image.name,
        "category": image.category,
        "activity": image.activity,
        "occluded": sorted(rectangle.occluded),
    }


def read_details(annotations: str, images: Sequence[str]) -> Optional[Details]:
    """Read the file beside an annotation file; None if there is none.

    Args:
        annotations: path of the annotation file.
        images: the images of its people.

    Raises:
        UserError: the file is wrong, or of other people.
    """
    path = details_name(annotations)
    if not os.path.exists(path):
        return None
    records = check(read_json(path, "file of details"), PEOPLE, path)
    columns = read_columns(records, KINDS, lambda i: f"{path}: record {i}")
    if columns["image"] != list(images):
        raise UserError(
            f"{path} must have the people of {annotations}, in their order, but "
            f"{_difference(columns['image'], images)}; make both with prepare-mpii, or "
            "move it away"
        )
    return Details(columns["category"], columns["activity"], columns["occluded"])


def _difference(found: Sequence[str], wanted: Sequence[str]) -> str:
    """The first difference between two lists of images, in words."""
    for index, (one, other) in enumerate(zip(found, wanted)):
        if one != other:
            return f"record {index} is on image {one}, not {other}"
    return f"has {len(found)} people, not {len(wanted)}"
