"""The drawing: limbs lie on their joints, and sides are told by front and back."""

import cv2
import numpy as np
import pytest

from ppdet_hourglass.sample.person import (
    ZOOM,
    Person,
    draw_person,
    fill_shape,
    outline,
    sample_person,
    sample_pose,
)

from .bodies import Body, mirrored, pose

SIDE = 201
CENTRE = np.array([100.0, 100.0])


def outfit(seed=0):
    return sample_person(np.random.default_rng(seed)).outfit


def drawn(one, clothes):
    """A picture of the pose with a stature of 160 px and the pelvis at CENTRE."""
    person = Person(Body(one).points, clothes, 1.0).placed(160.0, CENTRE)
    canvas = np.full((ZOOM * SIDE, ZOOM * SIDE, 3), 128, np.uint8)
    draw_person(canvas, person)
    return cv2.resize(canvas, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def difference(one, other):
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


@pytest.mark.parametrize("yaw", [15, 165, 80])
def test_a_mirrored_person_is_a_mirrored_drawing(yaw):
    # Otherwise the flip augmentation would show people who do not exist.
    rng = np.random.default_rng(1)
    for seed in range(4):
        one = sample_pose(rng)._replace(view=np.array([yaw, 3.0, 8.0]))
        image, other = (drawn(way, outfit(seed)) for way in (one, mirrored(one)))
        assert difference(cv2.flip(other, 1), image) < 0.5
        assert difference(other, image) > 2.0


@pytest.mark.parametrize(
    "yaw, face, chest", [(0, "skin", "shirt"), (180, "hair", "jacket")]
)
def test_face_and_jacket_tell_front_from_back(yaw, face, chest):
    # A straight person's outline is the same from behind.
    clothes = outfit()
    image = drawn(pose(view={"yaw": yaw}), clothes)
    assert image[31, 100] == pytest.approx(clothes[face], abs=8)
    assert image[70, 100] == pytest.approx(clothes[chest], abs=20)


def middle_of(image, body, start, end):
    """The picture's colour half way between two points."""
    column, row = np.rint(160 * (body[start] + body[end])[:2] / 2 + CENTRE).astype(int)
    return image[row, column]


def test_pieces_are_drawn_between_their_joints():
    clothes = outfit()
    bent = pose(raised=60, spread=30)
    image, body = drawn(bent, clothes), Body(bent)
    for start, end, colour in (
        *(("elbow", "wrist", "forearm"), ("shoulder", "elbow", "upper_arm")),
        *(("knee", "ankle", "shin"), ("hip", "knee", "trousers")),
    ):
        for side in ("right", "left"):
            found = middle_of(image, body, f"{side}_{start}", f"{side}_{end}")
            assert found == pytest.approx(clothes[colour], abs=20)


@pytest.mark.parametrize("yaw, hidden", [(0, False), (180, True)])
def test_what_is_nearer_hides_what_is_farther(yaw, hidden):
    # A forearm across the chest.
    clothes = {**outfit(), "forearm": np.full(3, 255.0), "jacket": np.full(3, 20.0)}
    folded = pose(view={"yaw": yaw}, shoulder=40, roll=60, elbow=100)
    found = middle_of(
        drawn(folded, clothes), Body(folded), "right_elbow", "right_wrist"
    )
    assert (found.max() < 50) if hidden else (found.min() > 200)


def test_a_limb_on_the_far_side_is_darker():
    astride = pose(view={"yaw": 90}, hip=40)
    image, body = drawn(astride, outfit()), Body(astride)
    near, far = (
        middle_of(image, body, f"{side}_hip", f"{side}_knee").astype(float)
        for side in ("right", "left")
    )
    assert far.sum() < 0.9 * near.sum()


def test_discs_are_centred_to_a_tenth_of_a_pixel():
    canvas = np.zeros((80 * ZOOM, 80 * ZOOM, 3), np.uint8)
    disc = outline(np.array([[33.5, 40.25]]), np.array([9.0]))
    fill_shape(canvas, disc, np.full(3, 255.0))
    image = cv2.resize(canvas, (80, 80), interpolation=cv2.INTER_AREA)[..., 0]
    rows, columns = np.mgrid[:80, :80]
    middle = np.array([(image * columns).sum(), (image * rows).sum()]) / image.sum()
    assert middle == pytest.approx((33.5, 40.25), abs=0.1)
