"""Whole images: placement, annotations, and the statistics taken from MPII."""

import numpy as np
import pytest

from ppdet_hourglass.sample import image as module
from ppdet_hourglass.sample.image import annotate, place_main, sample_image
from ppdet_hourglass.sample.person import JOINT_NAMES, sample_person

FRAME = np.array([256, 220])
HEAD = [JOINT_NAMES.index("upper_neck"), JOINT_NAMES.index("head_top")]


def sampled_images():
    return [sample_image(np.random.default_rng([7, i])) for i in range(120)]


@pytest.fixture(scope="module")
def sampled():
    return sampled_images()


@pytest.fixture(scope="module")
def people(sampled):
    return [person for _, people in sampled for person in people]


@pytest.fixture
def person():
    """A person of stature 100 px in the middle of FRAME."""
    return sample_person(np.random.default_rng(0)).place(100.0, FRAME / 2)


def test_scale_and_head_box_come_from_the_heads_length(people):
    for one in people:
        neck, top = one.joints[HEAD]
        length = np.linalg.norm(top - neck)
        assert length / (200 * one.scale) == pytest.approx(1 / 6)
        corners = one.head_box.reshape(2, 2)
        assert corners.mean(axis=0) == pytest.approx((neck + top) / 2)
        width, height = corners[1] - corners[0]
        assert width / height == pytest.approx(0.78)
        assert np.hypot(width, height) == pytest.approx(1.25 * length)


def test_centre_lies_above_the_joints_middle_as_in_mpii(people):
    offsets = [
        ((one.joints.min(axis=0) + one.joints.max(axis=0)) / 2 - one.center) / one.scale
        for one in people
        if np.isfinite(one.joints).all()
    ]
    # mpii_train.json: (-0.2, 6.0) pixels at scale 1.
    assert np.mean(offsets, axis=0) == pytest.approx((0.0, 6.0), abs=3.0)
    assert np.max(np.abs(offsets)) < 30


def test_each_image_has_an_annotation_some_have_two_and_most_are_whole(sampled, people):
    counts = [len(people) for _, people in sampled]
    assert set(counts) == {1, 2}
    assert 1.01 < np.mean(counts) < 1.20
    whole = [np.isfinite(one.joints).all() for one in people]
    assert 0.75 < np.mean(whole) < 0.97


def test_some_people_are_behind_something(sampled, monkeypatch):
    monkeypatch.setattr(module, "_OCCLUDED_SHARE", 0.0)
    hidden = [
        not np.array_equal(image, open_one)
        for (image, _), (open_one, _) in zip(sampled, sampled_images())
    ]
    assert 0.04 < np.mean(hidden) < 0.17


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_heads_stay_in_the_image_but_a_share_of_the_bodies_does_not(share, monkeypatch):
    monkeypatch.setattr(module, "_CUT_SHARE", share)
    rng = np.random.default_rng(4)
    joints = np.array(
        [place_main(rng, sample_person(rng), FRAME).joints for _ in range(60)]
    )
    inside = ((joints >= -1e-6) & (joints <= FRAME - 1 + 1e-6)).all(axis=2)
    assert inside[:, HEAD].all()
    cut = np.sum(~inside.all(axis=1))
    assert cut > 15 if share else cut == 0


def test_joints_outside_are_not_annotated_and_others_count_from_one(person):
    room = FRAME[0] - 1 - person.joints[:, 0].max()
    for shift, cut in ((room - 0.01, False), (room + 0.01, True)):
        over = person.place(1.0, np.array([shift, 0.0]))
        found = annotate(np.random.default_rng(0), over, FRAME)
        missing = np.isnan(found.joints).any(axis=1)
        assert missing.sum() == cut
        assert found.joints[~missing] == pytest.approx(over.joints[~missing] + 1)
        assert found.scale == 0.5


def test_nobody_without_a_head_or_with_few_joints_is_annotated(person):
    rng = np.random.default_rng(0)
    neck, top = person.joints[HEAD]
    assert annotate(rng, person.place(1.0, -top - 1.0), FRAME) is None
    # The lower border just below the neck.
    low = person.place(1.0, np.array([0.0, FRAME[1] - 1.5 - neck[1]]))
    assert annotate(rng, low, FRAME) is None
