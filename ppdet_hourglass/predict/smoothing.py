"""Temporal smoothing of poses: a One-Euro filter for each joint of each person.

Casiez, Roussel and Vogel, "1 € Filter: A Simple Speed-based Low-pass Filter for Noisy
Input in Interactive Systems", CHI 2012: a low-pass filter whose cutoff frequency rises
with the speed, so that a still joint does not tremble and a fast one does not lag.

Letters: M people of a frame, N of the frame before, K joints.  All positions are
pixels.
"""

from dataclasses import dataclass, replace
from typing import Any, List, Optional, Sequence

import numpy as np

from ..keypoints.pose import Pose

#: Cutoff frequency of a still joint; hertz by which it rises for each person size per
#: second; and cutoff frequency of the speed itself, as in the paper.
STILL_HZ, HZ_PER_SPEED, SPEED_HZ = 1.0, 10.0, 1.0

#: Boxes of two frames that overlap less belong to different people.
LEAST_IOU = 0.3

#: Least time between two frames, seconds.
LEAST_SECONDS = 1e-3


@dataclass(frozen=True)
class Track:
    """A person as seen up to the last frame.

    Attributes:
        box: (4,) x, y, width, height.
        seen: (K, 2) joints as predicted.
        points: (K, 2) smoothed joints.
        speed: (K, 2) smoothed speed, pixels per second.
    """

    box: np.ndarray
    seen: np.ndarray
    points: np.ndarray
    speed: np.ndarray


class Smoother:
    """Smooths the poses of a video's frames, which it is given in order.

    It tracks people by the overlap of their boxes with those of the previous frame,
    moved at each person's speed.  After a frame without a person, the person's filter
    starts from scratch.
    """

    def __init__(self) -> None:
        self._tracks: List[Track] = []
        self._time = 0.0

    def __call__(self, poses: Sequence[Pose], time: float) -> List[Pose]:
        """Smooth the M poses of the next frame, whose ``time`` is in seconds."""
        seconds = max(time - self._time, LEAST_SECONDS)
        before = self._match(poses, seconds)
        self._time = time
        self._tracks = [
            Track(pose.box, pose.keypoints, pose.keypoints, 0 * pose.keypoints)
            if track is None
            else follow(track, pose, seconds)
            for pose, track in zip(poses, before)
        ]
        return [
            replace(pose, keypoints=track.points.astype(np.float32))
            for pose, track in zip(poses, self._tracks)
        ]

    def _match(self, poses: Sequence[Pose], seconds: float) -> List[Optional[Track]]:
        """The track of each pose; None for a new person."""
        from scipy.optimize import linear_sum_assignment

        found: List[Optional[Track]] = [None] * len(poses)
        if not poses or not self._tracks:
            return found
        expected = np.array([track.box for track in self._tracks], np.float64)
        for box, track in zip(expected, self._tracks):
            box[:2] += seconds * np.median(track.speed, axis=0)
        iou = overlaps(np.array([pose.box for pose in poses], np.float64), expected)
        for pose, track in zip(*linear_sum_assignment(iou, maximize=True)):
            if iou[pose, track] >= LEAST_IOU:
                found[pose] = self._tracks[track]
        return found


def follow(track: Track, pose: Pose, seconds: float) -> Track:
    """Filter a person's joints, ``seconds`` after the track's last frame.

    The speed is that of the joints as predicted: the paper's, towards the smoothed
    joints, is too high by the filter's lag, and would move boxes too far.
    """
    size = float(np.sqrt(pose.box[2] * pose.box[3]))
    now = (pose.keypoints - track.seen) / seconds
    speed = track.speed + share(SPEED_HZ, seconds) * (now - track.speed)
    sizes_per_second = np.linalg.norm(speed, axis=1, keepdims=True) / size
    weight = share(STILL_HZ + HZ_PER_SPEED * sizes_per_second, seconds)
    points = track.points + weight * (pose.keypoints - track.points)
    return Track(pose.box, pose.keypoints, points, speed)


def share(cutoff: Any, seconds: float) -> Any:
    """Weight, 0 to 1, of a new value in a low-pass filter of ``cutoff`` hertz."""
    step = 2 * np.pi * cutoff * seconds
    return step / (step + 1)


def overlaps(boxes: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Intersection over union (M, N) of boxes (M, 4) and (N, 4)."""
    low = np.maximum(boxes[:, None, :2], before[:, :2])
    ends = boxes[:, None, :2] + boxes[:, None, 2:], before[:, :2] + before[:, 2:]
    common = (np.minimum(*ends) - low).clip(0).prod(axis=2)
    areas = boxes[:, 2:].prod(axis=1)[:, None] + before[:, 2:].prod(axis=1)
    return common / (areas - common)
