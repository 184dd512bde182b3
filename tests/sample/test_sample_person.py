"""The drawing: limbs lie on their joints, and sides are told by front and back."""

import cv2
import numpy as np
import pytest

from ppdet_hourglass.sample.person import (
    Person,
    draw_person,
    fill_outline,
    sample_person,
    sample_pose,
)

from .bodies import body, mirrored, pose

CENTRE = np.array([100.0, 100.0])


def colours(seed=0):
    return sample_person(np.random.default_rng(seed)).colours


def drawn(one, clothes):
    """The person of stature 160 px with the pelvis at CENTRE, and the image."""
    person = Person(body(one), clothes, 1.0).place(160.0, CENTRE)
    image = np.full((201, 201, 3), 128, np.uint8)
    draw_person(image, person)
    return person, image


def middle_of(person, image, start, end):
    """The image's colour half way between two points."""
    middle = (person.points[start] + person.points[end]) / 2
    return image[round(middle[1]), round(middle[0])]


def difference(one, other):
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


@pytest.mark.parametrize("yaw", [15, 165, 80])
def test_a_mirrored_person_is_a_mirrored_drawing(yaw):
    # Otherwise the flip augmentation would show people who do not exist.
    rng = np.random.default_rng(1)
    for seed in range(4):
        one = sample_pose(rng)
        one[0][4] = yaw
        image, other = (drawn(way, colours(seed))[1] for way in (one, mirrored(*one)))
        assert difference(cv2.flip(other, 1), image) < 0.5
        assert difference(other, image) > 2.0


@pytest.mark.parametrize(
    "yaw, face, chest", [(0, "skin", "shirt"), (180, "hair", "jacket")]
)
def test_face_and_jacket_tell_front_from_back(yaw, face, chest):
    # A straight person's outline is the same from behind.
    clothes = colours()
    person, image = drawn(pose(yaw=yaw), clothes)
    assert middle_of(person, image, "crown", "brow") == pytest.approx(
        clothes[face], abs=8
    )
    assert middle_of(person, image, "collar", "hem") == pytest.approx(
        clothes[chest], abs=20
    )


def test_pieces_are_drawn_between_their_joints():
    clothes = colours()
    shown = drawn(pose(raised=60, spread=30), clothes)
    for start, end, colour in (
        *(("elbow", "wrist", "jacket"), ("shoulder", "elbow", "jacket")),
        *(("knee", "ankle", "trousers"), ("hip", "knee", "trousers")),
    ):
        for side in ("right", "left"):
            found = middle_of(*shown, f"{side}_{start}", f"{side}_{end}")
            assert found == pytest.approx(clothes[colour], abs=25)


@pytest.mark.parametrize("yaw, hidden", [(0, False), (180, True)])
def test_what_is_nearer_hides_what_is_farther(yaw, hidden):
    # A hand before the chest.
    clothes = {**colours(), "skin": np.full(3, 255.0), "jacket": np.full(3, 20.0)}
    clothes["shirt"] = clothes["jacket"]
    folded = pose(yaw=yaw, shoulder=40, inward=60, elbow=100)
    found = middle_of(*drawn(folded, clothes), "right_wrist", "right_finger")
    assert (found.max() < 50) if hidden else (found.min() > 200)


def test_discs_are_centred_to_a_tenth_of_a_pixel():
    image = np.zeros((80, 80, 3), np.uint8)
    white = np.full(3, 255.0)
    fill_outline(image, np.array([[33.5, 40.25]]), np.array([9.0]), white)
    rows, columns = np.mgrid[:80, :80]
    weights = image[..., 0] / image[..., 0].sum()
    middle = (weights * columns).sum(), (weights * rows).sum()
    assert middle == pytest.approx((33.5, 40.25), abs=0.1)
