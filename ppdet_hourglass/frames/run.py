"""From frames to drawn pictures and a results file.

What was done is kept, whatever ends the run: the last frame, an error or Ctrl-C.
"""

import logging
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple, Union

import numpy as np
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from ..drawing import draw_people
from ..keypoints.pose import Pose
from ..metrics.results_file import write_results
from ..predict.estimator import PoseEstimator
from .interrupt import interruptible
from .outputs import Output
from .results import result_row
from .sources import Frame, Source, Unreadable

logger = logging.getLogger(__name__)

#: Boxes (M, 5) x, y, width, height, score of a frame's people; None: the whole frame.
FindBoxes = Callable[[Frame], Optional[np.ndarray]]

#: A batch's frames take no more memory than this and one frame, bytes.
MEMORY = 2**28


@dataclass
class Summary:
    """What a run has done.

    Attributes:
        frames: how many were predicted.
        people: how many were in them.
        skipped: names of the images that could not be read.
    """

    frames: int = 0
    people: int = 0
    skipped: List[str] = field(default_factory=list)


def predict_all(
    source: Source,
    find_boxes: FindBoxes,
    estimator: PoseEstimator,
    results: str,
    output: Optional[Output] = None,
    **style: Any,
) -> Summary:
    """Predict, draw and write all frames of a source.

    Args:
        source: the frames, read one by one.
        find_boxes: where the people are.
        estimator: predicts them, in batches across frames.
        results: JSON file to write: COCO's keypoint results, one record per person.
        output: where the drawn frames go; None: they are not drawn.
        style: of :func:`~ppdet_hourglass.drawing.draw_people`.

    Raises:
        UserError: an output cannot be written.
    """
    summary = Summary()
    rows: List[Dict[str, Any]] = []
    try:
        with (
            interruptible() as check,
            logging_redirect_tqdm(),
            tqdm(source, total=source.length, unit=" pictures") as progress,
        ):
            frames = _readable(progress, summary)
            for batch in batches(frames, find_boxes, estimator.batch_size):
                images, boxes = (
                    [frame.image for frame, _ in batch],
                    [b for _, b in batch],
                )
                for (frame, _), poses in zip(batch, estimator(images, boxes)):
                    rows += [result_row(frame, pose) for pose in poses]
                    _draw(frame, poses, estimator, output, style)
                    summary.frames += 1
                    summary.people += len(poses)
                check()
    finally:
        write_results(results, rows)
        if output is not None:
            output.close()
        logger.info(f"{summary.people} people in {summary.frames} pictures: {results}")
        if output is not None and summary.frames:
            logger.info(f"drawn: {output.path}")
    return summary


def _readable(
    items: Iterable[Union[Frame, Unreadable]], summary: Summary
) -> Iterator[Frame]:
    for item in items:
        if isinstance(item, Unreadable):
            logger.warning(f"skipped: {item.problem}")
            summary.skipped.append(item.name)
        else:
            yield item


def batches(
    frames: Iterable[Frame], find_boxes: FindBoxes, size: int
) -> Iterator[List[Tuple[Frame, Optional[np.ndarray]]]]:
    """Frames with their boxes: enough for a batch of people, or a batch of frames."""
    batch: List[Tuple[Frame, Optional[np.ndarray]]] = []
    people = memory = 0
    for frame in frames:
        boxes = find_boxes(frame)
        batch.append((frame, boxes))
        people += 1 if boxes is None else len(boxes)
        memory += frame.image.nbytes
        if max(people, len(batch)) >= size or memory >= MEMORY:
            yield batch
            batch, people, memory = [], 0, 0
    if batch:
        yield batch


def _draw(
    frame: Frame,
    poses: List[Pose],
    estimator: PoseEstimator,
    output: Optional[Output],
    style: Dict[str, Any],
) -> None:
    if output is not None:
        keypoints = estimator.spec.keypoints
        output.write(frame, draw_people(frame.image, poses, keypoints, **style))
