"""The user's entry point: ``from ppdet_hourglass import Predictor``.

Letters: M people, H x W pixels of an image.
"""

import os
from typing import Any, Iterator, List, Sequence, Tuple, Union

import numpy as np

from .keypoints.pose import Pose
from .predict.estimator import PoseEstimator
from .predict.person_crops import Image, image_pixels
from .predict.sources import Frame, open_source


class Predictor(PoseEstimator):
    """Predicts poses in images, folders, videos and from cameras, and draws them.

    Create one as described in
    :class:`~ppdet_hourglass.predict.estimator.PoseEstimator`.
    """

    def stream(
        self, source: Union[str, "os.PathLike[str]", int]
    ) -> Iterator[Tuple[Frame, List[Pose]]]:
        """Predict frame by frame, in batches of people across frames.

        All frames of a batch are read when its first one is requested; with
        ``batch_size=1`` a camera's frames come without delay.  A video or camera is
        released after the last frame, or when the loop is left.

        Args:
            source: path of an image, a folder or a video, or index of a camera.

        Returns:
            An iterator of frames, with ``name``, ``number`` and ``image``, and their
            poses.  An image that cannot be read is skipped with a warning.

        Raises:
            UserError: the source does not exist, or the folder holds no images.
        """
        from .predict.boxes import find_people  # here: importing Predictor stays light
        from .predict.run import predict_frames

        frames = open_source(str(source))
        return predict_frames(frames, find_people(frames, self), self)

    def draw(self, image: Image, poses: Sequence[Pose], **style: Any) -> np.ndarray:
        """Draw poses into a copy of their image.

        Args:
            image: path or (H, W, 3) uint8 BGR pixels.
            poses: M people.
            style: options ``faint_below`` and ``boxes`` of
                :func:`~ppdet_hourglass.drawing.draw_people`.

        Returns:
            (H, W, 3) uint8 BGR.

        Raises:
            UserError: the image cannot be read.
        """
        from .drawing import draw_people

        return draw_people(image_pixels(image), poses, self.spec.keypoints, **style)
