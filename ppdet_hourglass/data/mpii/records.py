"""MPII's people as the records of ``mpii_train.json`` and ``mpii_val.json``."""

from typing import Any, Dict, List

import numpy as np

from .division import Person, has_joints
from .release import Image

Record = Dict[str, Any]

#: Position of a joint without annotation, as in the files that HRNet distributes.
MISSING = -1.0

#: Those files keep thousandths of a pixel.
DECIMALS = 3


def make_record(person: Person) -> Record:
    """A person in the keys and the order of the public files, and ``head_box``.

    Without ``joints`` and ``joints_vis`` where nothing is annotated, without
    ``head_box`` where there is none.  Positions are 1-based pixels.
    """
    image, rectangle = person
    record: Record = {}
    if has_joints(rectangle):
        annotated = np.isfinite(rectangle.joints).all(axis=1)
        joints = np.where(annotated[:, None], rectangle.joints, MISSING)
        record["joints_vis"] = annotated.astype(int).tolist()
        record["joints"] = _rounded(joints)
    record["image"] = image.name
    record["scale"] = _rounded(np.asarray(rectangle.scale))
    record["center"] = _rounded(np.asarray(rectangle.center))
    if rectangle.head_box is not None:
        record["head_box"] = _rounded(rectangle.head_box)
    return record


def make_test_record(person: Person) -> Record:
    """A person of the test images, and where the evaluation looks for it.

    ``rectangle`` is its number in the image's ``annorect`` (1-based);
    ``single_person`` tells whether the single-person evaluation counts it.
    """
    image, rectangle = person
    return {
        **make_record(person),
        "rectangle": rectangle.number,
        "single_person": rectangle.number in image.single,
    }


def layout_of(images: List[Image]) -> List[Dict[str, Any]]:
    """Every test image with each rectangle's position, null where it has none.

    The MPII evaluation counts images and rectangles, so a file of predictions
    holds them all, predicted or not.
    """
    return [
        {
            "image": image.name,
            "rectangles": [
                None if person.center is None else _rounded(person.center)
                for person in image.rectangles
            ],
        }
        for image in images
        if not image.train
    ]


def _rounded(values: np.ndarray) -> Any:
    """As ``%.3f`` rounds; ``np.round`` does not always."""
    flat = [round(value, DECIMALS) for value in np.ravel(values).tolist()]
    return np.array(flat, np.float64).reshape(values.shape).tolist()
