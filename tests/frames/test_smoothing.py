import numpy as np
import pytest

from ppdet_hourglass.frames.smoothing import (
    SmoothedEstimator,
    Smoother,
    overlaps,
    share,
)
from ppdet_hourglass.keypoints.keypoint_file import read_keypoints
from ppdet_hourglass.keypoints.pose import Pose

MPII = read_keypoints("mpii")
SECONDS = 1 / 25


def pose(points, box=(0, 0, 100, 100), score=0.5):
    points = np.broadcast_to(np.float32(points), (16, 2))
    scores = np.full(16, score, np.float32)
    return Pose(points, scores, np.float32(box), score, MPII)


def smoothed(positions, box=(0, 0, 100, 100)):
    """The smoothed joint of a single person in each frame, (frames, 2)."""
    smooth = Smoother()
    poses = [smooth([pose(points, box)], SECONDS)[0] for points in positions]
    return np.array([one.keypoints[0] for one in poses])


def test_the_weight_of_a_new_value():
    # 2 pi x 1.5 Hz x 0.04 s = 0.377; 0.377 / 1.377
    assert share(1.5, SECONDS) == pytest.approx(0.27378, abs=1e-5)
    assert share(np.array([0.0, 1e9]), 1.0) == pytest.approx([0, 1])


def test_what_stays_stays():
    assert (smoothed([(20, 30)] * 5) == (20, 30)).all()


def test_a_step_is_followed():
    """By hand: speed 250 px/s x 0.2008 = 50.2 px/s = 0.502 sizes/s -> 6.02 Hz."""
    x = smoothed([(10, 0)] + [(20, 0)] * 60)[:, 0]
    assert x[0] == 10
    assert x[1] == pytest.approx(10 + 10 * 0.6021, abs=0.002)
    assert (np.diff(x) >= 0).all() and x[-1] == pytest.approx(20, abs=0.01)


def test_it_does_not_depend_on_the_size_of_the_picture():
    positions = np.cumsum(np.random.default_rng(0).normal(0, 3, (20, 2)), axis=0)
    small = smoothed(positions)
    large = smoothed(4 * positions, box=(0, 0, 400, 400))
    np.testing.assert_allclose(large, 4 * small, rtol=1e-4)


def test_a_standing_person_trembles_less():
    rng = np.random.default_rng(0)
    noisy = 50 + rng.normal(0, 1.0, (200, 2))  # of a person of 100 px
    ratio = smoothed(noisy)[20:].std() / noisy[20:].std()
    assert 0.4 < ratio < 0.5


def test_a_walking_person_hardly_lags():
    """At one person size a second, joints stay within 2 % of the person's size."""
    way = np.stack([4.0 * np.arange(100), np.zeros(100)], axis=1)
    lag = (way - smoothed(way, (0, 0, 100, 100)))[50:, 0]
    assert (0 < lag).all() and (lag < 2).all()


def test_overlaps():
    boxes = np.array([[0.0, 0, 10, 10], [20, 20, 10, 10]])
    others = np.array([[5.0, 0, 10, 10]])
    np.testing.assert_allclose(overlaps(boxes, others), [[50 / 150], [0]])


def test_two_people_who_cross_keep_their_identity():
    """Where they pass, each is nearer to where the other was a frame before."""
    smooth = Smoother()
    for frame in range(100):
        left, right = 2.0 * frame, 201 - 2.0 * frame
        people = [
            pose((left + 10, 30), (left, 0, 60, 100)),
            pose((right + 10, 70), (right, 0, 60, 100)),
        ]
        order = [0, 1] if frame % 2 else [1, 0]  # as detectors list them: anyhow
        found = smooth([people[i] for i in order], SECONDS)
        for index, one in zip(order, found):
            assert one.keypoints[0, 1] == (30, 70)[index]


def test_who_was_lost_starts_anew():
    smooth = Smoother()
    smooth([pose((10, 10))], SECONDS)
    assert smooth([], SECONDS) == []
    (again,) = smooth([pose((50, 50))], SECONDS)
    assert (again.keypoints == 50).all()


def test_who_appears_elsewhere_is_somebody_else():
    smooth = Smoother()
    smooth([pose((10, 10))], SECONDS)
    here, there = smooth([pose((12, 10)), pose((250, 10), (200, 0, 100, 100))], SECONDS)
    assert 10 < here.keypoints[0, 0] < 12
    assert there.keypoints[0, 0] == 250


def test_the_rest_of_a_pose_is_kept():
    (one,) = Smoother()([pose((1, 2), score=0.25)], SECONDS)
    assert one.score == 0.25 and one.keypoints.dtype == np.float32
    assert one.box.tolist() == [0, 0, 100, 100]


def test_an_estimator_smooths_frame_by_frame():
    class Estimator:
        spec, batch_size = "spec", 4

        def __call__(self, images, boxes):
            return [[pose((image, 0))] for image in images]

    estimator = SmoothedEstimator(Estimator(), 25)
    assert (estimator.spec, estimator.batch_size) == ("spec", 4)
    (first,), (second,) = estimator([10, 20], [None, None])
    (third,) = estimator([20], [None])[0]
    x = [one.keypoints[0, 0] for one in (first, second, third)]
    assert x == pytest.approx(smoothed([(10, 0), (20, 0), (20, 0)])[:, 0])
