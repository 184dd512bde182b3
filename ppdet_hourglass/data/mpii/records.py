"""MPII's people as the records of ``mpii_train.json`` and ``mpii_val.json``."""

from typing import Any, Dict, List

import numpy as np

from .division import PersonOnImage, has_joints
from .release import Image

Record = Dict[str, Any]

#: Coordinates of a joint without annotation, as in the files that HRNet distributes.
MISSING = -1.0

#: Those files keep three decimals.
DECIMALS = 3


def make_record(person: PersonOnImage) -> Record:
    """Make a record with the public files' keys, in their order, plus ``head_box``.

    ``joints`` and ``joints_vis`` are left out if no joint is annotated, ``head_box`` if
    the person has none.  Positions are 1-based pixels.
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
    """Make a record of a person on a test image, with what the evaluation needs.

    ``rectangle`` is the person's 1-based index in the image's ``annorect``;
    ``single_person`` is whether the single-person evaluation counts the person.
    """
    image, rectangle = person
    return {
        **make_record(person),
        "rectangle": rectangle.number,
        "single_person": rectangle.number in image.single,
    }


def layout_of(images: List[Image]) -> List[Dict[str, Any]]:
    """List every test image with the centre of each rectangle, None if it has none.

    The MPII evaluation addresses people by image and rectangle index, so a prediction
    file must hold all of them, predicted or not.  Centres are 1-based pixels.
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
    """Round as ``%.3f`` does; ``np.round`` can differ in the last digit."""
    flat = [round(value, DECIMALS) for value in np.ravel(values).tolist()]
    return np.array(flat, np.float64).reshape(values.shape).tolist()
