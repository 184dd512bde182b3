"""What the page shows for a picture and the boxes that a visitor drew in it.

Letters: H x W pixels of the picture.
"""

import threading
from dataclasses import dataclass, replace
from typing import Any, Dict, List, Optional, Sequence, Tuple

import cv2
import numpy as np

from ..drawing import draw_people
from ..drawing.poses import add_ring
from ..keypoints.pose import Pose
from ..predict.estimator import PoseEstimator
from ..predict.run import pose_row
from ..predict.sources import Frame, counted

#: x and y in pixels of the upright picture, 0 at the left or upper edge.
Point = Tuple[float, float]

#: x, y, width and height in those pixels.
Box = Tuple[float, float, float, float]

#: Clicks that span a smaller box, in shares of the picture's longer side, are a slip.
LEAST_SIDE = 0.02

#: Longer side of the picture that is shown, pixels: the page does not enlarge pictures.
SHOWN_PX = 1000


@dataclass(frozen=True)
class Asked:
    """A picture with a visitor's boxes.

    Attributes:
        path: file of the upload.
        name: what the visitor called it.
        boxes: the boxes drawn so far.
        corner: first corner of the next box.
    """

    path: str
    name: str
    boxes: Tuple[Box, ...] = ()
    corner: Optional[Point] = None

    def clicked(self, point: Point, least: float) -> "Asked":
        """Take a click as the next corner: two opposite ones make a box.

        A click less than ``least`` pixels from the first corner replaces it.
        """
        if self.corner is None:
            return replace(self, corner=point)
        (left, right), (top, bottom) = map(sorted, zip(self.corner, point))
        if min(right - left, bottom - top) < least:
            return replace(self, corner=point)
        box = (left, top, right - left, bottom - top)
        return replace(self, boxes=(*self.boxes, box), corner=None)


@dataclass(frozen=True)
class Answer:
    """What the page shows.

    Attributes:
        picture: uint8 RGB, with the poses, ``SHOWN_PX`` on its longer side.
        records: people as in the results file of ``infer``.
        text: what was found, and where.
    """

    picture: np.ndarray
    records: List[Dict[str, Any]]
    text: str


def shown_zoom(image: np.ndarray) -> float:
    """Pixels of the shown picture per pixel of an image (H, W, 3)."""
    return SHOWN_PX / max(image.shape[:2])


class Answers:
    """Answers visitors with one estimator, one at a time."""

    def __init__(self, estimator: PoseEstimator) -> None:
        self._estimator = estimator
        self._lock = threading.Lock()

    def __call__(self, frame: Frame, asked: Asked) -> Answer:
        """Predict the people in the visitor's boxes or else in the detector's.

        Without both, the whole picture is one person.
        """
        boxes = list(asked.boxes) or None
        with self._lock:
            poses = self._estimator(frame.image, boxes)
        whole = boxes is None and self._estimator.detector is None
        picture = self._drawn(frame.image, poses, asked.corner, boxes=not whole)
        return Answer(
            picture,
            [pose_row(frame, pose) for pose in poses],
            self._text(asked, len(poses)),
        )

    def _drawn(
        self,
        image: np.ndarray,
        poses: Sequence[Pose],
        corner: Optional[Point],
        boxes: bool,
    ) -> np.ndarray:
        zoom = shown_zoom(image)
        scaling = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
        picture = cv2.resize(image, None, fx=zoom, fy=zoom, interpolation=scaling)
        moved = [
            replace(
                pose, keypoints=zoom * (pose.keypoints + 0.5) - 0.5, box=zoom * pose.box
            )
            for pose in poses
        ]
        keypoints = self._estimator.spec.keypoints
        picture = draw_people(picture, moved, keypoints, boxes=boxes)
        if corner is not None:
            add_ring(picture, zoom * np.array(corner))
        return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)

    def _text(self, asked: Asked, people: int) -> str:
        if asked.corner is not None:
            return "Now click the opposite corner."
        if asked.boxes:
            where = f"in your {'box' if people == 1 else 'boxes'}"
            return f"{counted(people, 'person', 'people')} {where}."
        if self._estimator.detector is None:
            return "The whole picture was taken for one person."
        return f"The detector found {counted(people, 'person', 'people')}."
