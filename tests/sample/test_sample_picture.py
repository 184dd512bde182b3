"""Whole pictures: placement, annotations, and the statistics taken from MPII."""

import numpy as np
import pytest

from ppdet_hourglass.sample import picture
from ppdet_hourglass.sample.person import sample_person
from ppdet_hourglass.sample.picture import (
    annotate,
    head_box,
    inside,
    place_aside,
    place_main,
    sample_picture,
)
from ppdet_hourglass.sample.skeleton import JOINT_NAMES

FRAME = np.array([256.0, 220.0])
HEAD = [JOINT_NAMES.index("upper_neck"), JOINT_NAMES.index("head_top")]


def pictures():
    return [sample_picture(np.random.default_rng([7, i]), 128) for i in range(120)]


@pytest.fixture(scope="module")
def sampled():
    return pictures()


@pytest.fixture(scope="module")
def people(sampled):
    return [person for _, people in sampled for person in people]


def test_scale_is_the_head_over_mpiis_constant(people):
    for one in people:
        neck, top = one.joints[HEAD]
        assert np.linalg.norm(top - neck) / (200 * one.scale) == pytest.approx(1 / 6)


def test_centre_lies_above_the_joints_middle_as_in_mpii(people):
    whole = [one for one in people if np.isfinite(one.joints).all()]
    offsets = [
        ((one.joints.min(axis=0) + one.joints.max(axis=0)) / 2 - one.center) / one.scale
        for one in whole
    ]
    # mpii_train.json: (-0.2, 6.0) pixels at scale 1.
    assert np.mean(offsets, axis=0) == pytest.approx((0.0, 6.0), abs=3.0)
    assert np.max(np.abs(offsets)) < 30


def test_each_picture_has_an_annotation_some_have_two_and_most_are_whole(sampled):
    counts = [len(people) for _, people in sampled]
    assert set(counts) == {1, 2}
    assert 1.01 < np.mean(counts) < 1.15
    whole = [np.isfinite(one.joints).all() for _, people in sampled for one in people]
    assert 0.80 < np.mean(whole) < 0.97


def test_some_people_are_behind_something(sampled, monkeypatch):
    monkeypatch.setattr(picture, "OCCLUDED_SHARE", 0.0)
    hidden = [
        not np.array_equal(image, open_one)
        for (image, _), (open_one, _) in zip(sampled, pictures())
    ]
    assert 0.04 < np.mean(hidden) < 0.17


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_head_stays_in_the_picture_and_a_share_of_the_bodies(share, monkeypatch):
    monkeypatch.setattr(picture, "CUT_SHARE", share)
    rng = np.random.default_rng(4)
    seen = [
        inside(place_main(rng, sample_person(rng), FRAME, 256).joints, FRAME)
        for _ in range(60)
    ]
    assert np.all(seen, axis=0)[HEAD].all()
    cut = sum(not one.all() for one in seen)
    assert cut > 15 if share else cut == 0


def test_inside_counts_the_outermost_pixels():
    corners = np.array([[0.0, 0.0], [255.0, 219.0], [255.5, 10.0], [10.0, -0.5]])
    assert inside(corners, FRAME).tolist() == [True, True, False, False]


def test_somebody_aside_is_beside_the_main_person():
    rng = np.random.default_rng(0)
    for _ in range(20):
        main = place_main(rng, sample_person(rng), FRAME, 256)
        other = place_aside(rng, sample_person(rng), main)
        assert 0.45 <= other.unit / main.unit <= 1.10
        left, right = sorted((main, other), key=lambda one: one.joints[:, 0].mean())
        overlap = left.joints[:, 0].max() - right.joints[:, 0].min()
        assert overlap <= 0.05 * main.unit + 1e-6


def test_joints_outside_are_not_annotated_and_others_count_from_one():
    rng = np.random.default_rng(0)
    person = sample_person(rng).placed(100.0, np.array([128.0, 110.0]))
    over = person.placed(1.0, np.array([-person.joints[:, 0].min() - 0.5, 0.0]))
    found = annotate(rng, over, FRAME)
    missing = np.isnan(found.joints).any(axis=1)
    assert missing.tolist() == (over.joints[:, 0] < 0).tolist() and missing.any()
    assert found.joints[~missing] == pytest.approx(over.joints[~missing] + 1)
    assert found.scale == 0.5
    middle = (found.head_box[:2] + found.head_box[2:]) / 2
    assert middle == pytest.approx(over.joints[HEAD].mean(axis=0) + 1)


def test_nobody_without_a_head_or_with_few_joints_is_annotated():
    rng = np.random.default_rng(0)
    person = sample_person(rng).placed(100.0, np.array([128.0, 110.0]))
    neck, top = person.joints[HEAD]
    assert annotate(rng, person.placed(1.0, -top - 1.0), FRAME) is None
    # The lower border just below the neck.
    low = person.placed(1.0, np.array([0.0, FRAME[1] - 1.0 - neck[1]]))
    assert inside(low.joints, FRAME)[HEAD].all()
    assert annotate(rng, low, FRAME) is None


@pytest.mark.parametrize(
    "top, width, height", [([50, 20], 0.78, 1.0), ([30, 40], 1.0, 0.78)]
)
def test_head_box_has_mpiis_size_along_the_head(top, width, height):
    neck = np.array([50, 40])
    corners = head_box(neck, np.array(top)).reshape(2, 2)
    assert corners.mean(axis=0) == pytest.approx((neck + top) / 2)
    # The diagonal is 1.25 times the head's 20 px.
    size = 25 / np.hypot(width, height) * np.array([width, height])
    assert corners[1] - corners[0] == pytest.approx(size)
