import numpy as np
import pytest

from ppdet_hourglass.keypoints.keypoint_set import read_keypoints
from ppdet_hourglass.keypoints.pose import Pose
from ppdet_hourglass.predict.smoothing import Smoother, overlaps, share

MPII = read_keypoints("mpii")
SECONDS = 1 / 25


def pose(points, box=(0, 0, 100, 100), score=0.5):
    points = np.broadcast_to(np.float32(points), (16, 2))
    scores = np.full(16, score, np.float32)
    return Pose(points, scores, np.float32(box), score, MPII)


def smoothed(positions, box=(0, 0, 100, 100)):
    """The smoothed joint of a single person in each frame, (frames, 2)."""
    smooth = Smoother()
    poses = [
        smooth([pose(points, box)], number * SECONDS)[0]
        for number, points in enumerate(positions)
    ]
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
        found = smooth([people[i] for i in order], frame * SECONDS)
        for index, one in zip(order, found):
            assert one.keypoints[0, 1] == (30, 70)[index]


def test_who_was_lost_starts_anew():
    smooth = Smoother()
    smooth([pose((10, 10))], 0)
    assert smooth([], SECONDS) == []
    (again,) = smooth([pose((50, 50))], 2 * SECONDS)
    assert (again.keypoints == 50).all()


def test_who_appears_elsewhere_is_somebody_else():
    smooth = Smoother()
    smooth([pose((10, 10))], 0)
    here, there = smooth([pose((12, 10)), pose((250, 10), (200, 0, 100, 100))], SECONDS)
    assert 10 < here.keypoints[0, 0] < 12
    assert there.keypoints[0, 0] == 250


def test_the_rest_of_a_pose_is_kept():
    (one,) = Smoother()([pose((1, 2), score=0.25)], SECONDS)
    assert one.score == 0.25 and one.keypoints.dtype == np.float32
    assert one.box.tolist() == [0, 0, 100, 100]


def test_the_time_between_frames_counts():
    """After 0.08 s a joint has moved on further than after 0.04 s."""
    steps = []
    for seconds in (SECONDS, 2 * SECONDS):
        smooth = Smoother()
        smooth([pose((10, 0))], 7.0)
        (after,) = smooth([pose((20, 0))], 7.0 + seconds)
        steps.append(after.keypoints[0, 0])
    assert 10 < steps[0] < steps[1] < 20
    assert np.isfinite(smooth([pose((20, 0))], 7.0 + seconds)[0].keypoints).all()
