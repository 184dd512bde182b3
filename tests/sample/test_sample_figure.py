"""The drawing: mirrored people are mirrored drawings, and limbs lie on their joints."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from ppdet_hourglass.sample.figure import draw_figure
from ppdet_hourglass.sample.kinematics import View, build
from ppdet_hourglass.sample.outfit import sample_outfit
from ppdet_hourglass.sample.pose import sample_pose
from ppdet_hourglass.sample.shapes import capsules, disc, fill, shade
from ppdet_hourglass.sample.skeleton import BONES

from .test_sample_kinematics import FRONT, STRAIGHT, mirrored

SIDE = 201
MIDDLE = np.array([100.0, 100.0])
LIGHT = np.array([0.5, -0.6])


def drawn(pose, view, outfit, light=LIGHT):
    image = np.full((SIDE, SIDE, 3), 128, np.uint8)
    draw_figure(image, build(pose, BONES, view).placed(160.0, MIDDLE), outfit, light)
    return image


def difference(one, other):
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


@pytest.mark.parametrize("yaw", [15, 165, 80])
def test_a_mirrored_person_is_a_mirrored_drawing(yaw):
    # Otherwise the flip augmentation would show people who do not exist.
    rng = np.random.default_rng(1)
    for _ in range(4):
        pose, outfit = sample_pose(rng, 4.0), sample_outfit(rng)
        image = drawn(pose, View(yaw, 3, 8), outfit)
        other = drawn(mirrored(pose), View(-yaw, 3, -8), outfit, LIGHT * (-1, 1))
        assert difference(cv2.flip(other, 1), image) < 0.5
        assert difference(other, image) > 2.0


def test_front_and_back_look_different():
    # A straight person's outline is the same from behind: clothes and face tell.
    outfit = replace(sample_outfit(np.random.default_rng(2)), backpack=False)
    front, back = (drawn(STRAIGHT, View(yaw, 0, 0), outfit) for yaw in (0, 180))
    head = slice(15, 45), slice(88, 113)
    chest = slice(50, 75), slice(90, 111)
    assert difference(front[head], back[head]) > 20
    assert difference(front[chest], back[chest]) > 5


def test_sleeves_cover_the_bones_they_say():
    rng = np.random.default_rng(0)
    outfit = replace(sample_outfit(rng), skin=(50, 100, 250), shirt=(250, 50, 20))
    person = build(STRAIGHT, BONES, FRONT).placed(160.0, MIDDLE)
    forearm = person.point("left_elbow") * 0.5 + person.point("left_wrist") * 0.5
    column, row = np.rint(forearm[:2]).astype(int)
    for sleeve, channel in ((0, 2), (1, 2), (2, 0)):
        image = drawn(STRAIGHT, FRONT, replace(outfit, sleeve=sleeve))
        assert image[row, column].argmax() == channel


def test_discs_are_centred_to_a_tenth_of_a_pixel():
    image = np.zeros((80, 80, 3), np.uint8)
    fill(image, disc(np.array([33.5, 40.25]), 9.0), (255, 255, 255))
    weights = image[..., 0] / image[..., 0].sum()
    rows, columns = np.mgrid[:80, :80]
    middle = (weights * columns).sum(), (weights * rows).sum()
    assert middle == pytest.approx((33.5, 40.25), abs=0.1)


def test_a_limb_that_points_at_the_camera_is_a_circle():
    here = np.array([[10.0, 20.0]])
    outline = capsules(here, here + 0.1, np.array([6.0]), np.array([3.0]))[0]
    reach = np.linalg.norm(outline - here, axis=1)
    assert reach == pytest.approx(np.full(len(reach), 6.0), abs=0.2)


def test_shade_stays_within_bytes():
    assert shade((100, 200, 250), 0.5) == (50, 100, 125)
    assert shade((100, 200, 250), 2.0) == (200, 255, 255)
