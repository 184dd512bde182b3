"""Predict all frames of a source; write drawn pictures and a results file.

Finished work is kept, whether the run ends with the last frame, an error or Ctrl-C.
"""

import logging
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

import numpy as np
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from ..drawing import draw_people
from ..keypoints.pose import Pose
from ..metrics.results_file import write_results
from ..predict.estimator import PoseEstimator
from .interrupt import interruptible
from .outputs import Output
from .sources import Frame, Source, counted

logger = logging.getLogger(__name__)

#: Returns (M, 5) x, y, width, height, score of a frame's people, or None for one
#: person who fills the frame.
FindBoxes = Callable[[Frame], Optional[np.ndarray]]

#: A batch ends with the frame that takes it past this size.
MAX_BATCH_BYTES = 2**28


@dataclass
class Summary:
    """Numbers of predicted frames and of people in them."""

    frames: int = 0
    people: int = 0


def predict_all(
    source: Source,
    find_boxes: FindBoxes,
    estimator: PoseEstimator,
    results: str,
    output: Optional[Output] = None,
    **style: Any,
) -> Summary:
    """Predict, draw and write all frames of a source, in batches across frames.

    Args:
        source: the frames, read one by one.
        find_boxes: finds the people of a frame.
        estimator: predicts their poses.
        results: JSON file to write, in COCO's keypoint-result layout.
        output: writer of the drawn frames; None to draw nothing.
        style: options of :func:`~ppdet_hourglass.drawing.draw_people`.
    """
    summary = Summary()
    rows: List[Dict[str, Any]] = []

    def keep_results() -> None:
        write_results(results, rows)
        people = counted(summary.people, "person", "people")
        logger.info(f"{people} in {counted(summary.frames, 'picture')}: {results}")

    def keep_drawn() -> None:
        if output is not None:
            output.close()
            if summary.frames:
                logger.info(f"drawn: {output.path}")

    with (
        _kept(keep_results, keep_drawn),
        interruptible() as check,
        tqdm(total=source.length, unit=" picture") as progress,
        logging_redirect_tqdm(),
        closing(iter(source)) as frames,
    ):
        for batch in batches(frames, find_boxes, estimator.batch_size):
            images, boxes = [frame.image for frame, _ in batch], [b for _, b in batch]
            for (frame, _), poses in zip(batch, estimator(images, boxes)):
                rows += [pose_row(frame, pose) for pose in poses]
                if output is not None:
                    keypoints = estimator.spec.keypoints
                    drawn = draw_people(frame.image, poses, keypoints, **style)
                    output.write(frame, drawn)
                summary.frames += 1
                summary.people += len(poses)
                progress.update()
            check()
    return summary


@contextmanager
def _kept(*actions: Callable[[], None]) -> Iterator[None]:
    """Run all actions at the end, even after an error; raise the first error."""
    errors: List[BaseException] = []
    try:
        yield
    except BaseException as error:
        errors.append(error)
    for action in actions:
        try:
            action()
        except Exception as error:
            errors.append(error)
    for error in errors[1:]:
        logger.error(f"also: {error}")
    if errors:
        raise errors[0]


def pose_row(frame: Frame, pose: Pose) -> Dict[str, Any]:
    """A person's record in the results file; in a video it also has ``frame``."""
    image = {"image": frame.name, "image_id": frame.number}
    row = {**image, **pose.to_coco(), "pixels": frame.pixels}
    return {**row, "frame": frame.number} if frame.in_video else row


def batches(
    frames: Iterable[Frame], find_boxes: FindBoxes, size: int
) -> Iterator[List[Tuple[Frame, Optional[np.ndarray]]]]:
    """Group frames with their boxes until a batch has ``size`` people or frames."""
    batch: List[Tuple[Frame, Optional[np.ndarray]]] = []
    people = memory = 0
    for frame in frames:
        boxes = find_boxes(frame)
        batch.append((frame, boxes))
        people += 1 if boxes is None else len(boxes)
        memory += frame.image.nbytes
        if max(people, len(batch)) >= size or memory >= MAX_BATCH_BYTES:
            yield batch
            batch, people, memory = [], 0, 0
    if batch:
        yield batch
