"""MPII's people as the records of ``mpii_train.json`` and ``mpii_val.json``."""

from typing import Any, Dict, List

import numpy as np

from .division import PersonOnImage, has_joints
from .release import Image

Record = Dict[str, Any]

#: Position of a joint without annotation, as in the files that HRNet distributes.
MISSING = -1.0

#: Those files keep thousandths of a pixel.
DECIMALS = 3


def make_record(person: PersonOnImage) -> Record:
    """A person's record, with the keys of the public files in their order.

    ``head_box`` is added.  A record has no ``joints`` and ``joints_vis`` if no joint
    is annotated, and no ``head_box`` if there is none.  Positions are 1-based pixels.
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


def make_test_record(person: PersonOnImage) -> Record:
    """The record of a person on a test image, with what the evaluation needs.

    ``rectangle`` is the person's 1-based index into the image's ``annorect``;
    ``single_person`` says whether the single-person evaluation counts them.
    """
    image, rectangle = person
    return {
        **make_record(person),
        "rectangle": rectangle.number,
        "single_person": rectangle.number in image.single,
    }


def layout_of(images: List[Image]) -> List[Dict[str, Any]]:
    """Every test image with the position of each rectangle, or null.

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
    """Round as ``%.3f`` does, which ``np.round`` does not always."""
    flat = [round(value, DECIMALS) for value in np.ravel(values).tolist()]
    return np.array(flat, np.float64).reshape(values.shape).tolist()
