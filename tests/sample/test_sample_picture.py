"""Whole pictures: placement, records, and the statistics taken from MPII."""

from dataclasses import replace

import numpy as np
import pytest

from ppdet_hourglass.sample.person import sample_person, sample_view
from ppdet_hourglass.sample.picture import annotate, sample_picture
from ppdet_hourglass.sample.placement import inside, place_aside, place_main
from ppdet_hourglass.sample.skeleton import JOINT_NAMES
from ppdet_hourglass.sample.style import SceneStyle

STYLE = SceneStyle()
FRAME = np.array([256.0, 220.0])
NECK, HEAD = JOINT_NAMES.index("upper_neck"), JOINT_NAMES.index("head_top")


@pytest.fixture(scope="module")
def records():
    people = []
    for index in range(120):
        rng = np.random.default_rng([7, index])
        people += sample_picture(rng, f"{index}.jpg", 256, STYLE)[1]
    return people


def test_picture_is_bgr_of_about_the_nominal_size():
    image, people = sample_picture(np.random.default_rng(0), "1.jpg", 200, STYLE)
    assert image.dtype == np.uint8 and image.shape[2] == 3
    assert all(0.84 * 200 <= side <= 1.21 * 200 for side in image.shape[:2])
    assert people[0]["image"] == "1.jpg"


def test_scale_is_the_head_over_mpiis_constant(records):
    for one in records:
        neck, head = np.array(one["joints"])[[NECK, HEAD]]
        ratio = np.linalg.norm(head - neck) / (200 * one["scale"])
        assert ratio == pytest.approx(1 / 6, rel=1e-3)


def test_centre_lies_above_the_joints_middle_as_in_mpii(records):
    whole = [one for one in records if all(one["joints_vis"])]
    offsets = []
    for one in whole:
        joints = np.array(one["joints"])
        middle = (joints.min(axis=0) + joints.max(axis=0)) / 2
        offsets.append((middle - one["center"]) / one["scale"])
    mean = np.mean(offsets, axis=0)
    # mpii_train.json: (-0.2, 6.0) pixels at scale 1.
    assert mean == pytest.approx((0.0, 6.0), abs=3.0)
    assert np.max(np.abs(offsets)) < 30


def test_some_people_are_cut_and_most_are_whole(records):
    whole = np.mean([all(one["joints_vis"]) for one in records])
    assert 0.75 < whole < 0.98


def test_some_pictures_have_two_records_and_each_has_one(records):
    names = [one["image"] for one in records]
    assert len(set(names)) == 120
    assert 120 < len(names) < 150


def test_a_whole_person_fits_into_the_picture():
    style = replace(STYLE, truncated_share=0.0)
    rng = np.random.default_rng(4)
    for _ in range(60):
        person = place_main(rng, sample_person(rng, style), FRAME, 256, style)
        assert inside(person.joints, FRAME).all()


def test_a_cut_person_keeps_their_head():
    style = replace(STYLE, truncated_share=1.0)
    rng = np.random.default_rng(4)
    cut = 0
    for _ in range(60):
        person = place_main(rng, sample_person(rng, style), FRAME, 256, style)
        seen = inside(person.joints, FRAME)
        assert seen[[NECK, HEAD]].all()
        cut += not seen.all()
    assert cut > 15


def test_inside_counts_the_outermost_pixels():
    corners = np.array([[0.0, 0.0], [255.0, 219.0], [255.5, 10.0], [10.0, -0.5]])
    assert inside(corners, FRAME).tolist() == [True, True, False, False]


def test_somebody_aside_is_beside_the_main_person():
    rng = np.random.default_rng(0)
    for _ in range(20):
        main = place_main(rng, sample_person(rng, STYLE), FRAME, 256, STYLE)
        other = place_aside(rng, sample_person(rng, STYLE), main, (0.5, 0.6))
        assert 0.5 <= other.skeleton.unit / main.skeleton.unit <= 0.6
        left, right = sorted((main, other), key=lambda one: one.joints[:, 0].mean())
        overlap = left.joints[:, 0].max() - right.joints[:, 0].min()
        assert overlap <= 0.05 * main.skeleton.unit + 1e-6


def test_nobody_without_a_head_gets_a_record():
    rng = np.random.default_rng(0)
    person = sample_person(rng, STYLE).placed(100.0, np.array([128.0, 110.0]))
    assert annotate(rng, "1.jpg", person, FRAME, STYLE) is not None
    top = person.joints[HEAD]
    beheaded = person.placed(1.0, -top - 1.0)
    assert annotate(rng, "1.jpg", beheaded, FRAME, STYLE) is None


def test_views_follow_their_shares():
    rng = np.random.default_rng(0)
    yaws = np.array([sample_view(rng, 0.0, STYLE).yaw for _ in range(2000)])
    facing = np.cos(np.radians(yaws))
    assert np.mean(facing > np.cos(np.radians(32.5))) == pytest.approx(
        STYLE.front_share, abs=0.04
    )
    assert np.mean(facing < -np.cos(np.radians(30.5))) == pytest.approx(
        STYLE.back_share, abs=0.03
    )
