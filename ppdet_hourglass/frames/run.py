"""Predict all frames of a source; write drawn pictures and a results file.

Finished work is kept, whether the run ends with the last frame, an error or Ctrl-C.
"""

import logging
from contextlib import closing, contextmanager
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


def predict_all(
    source: Source,
    find_boxes: FindBoxes,
    estimator: PoseEstimator,
    results: str,
    output: Optional[Output] = None,
    **style: Any,
) -> None:
    """Predict, draw and write all frames of a source.

    Args:
        results: JSON file to write, in COCO's keypoint-result layout.
        output: writer of the drawn frames; None to draw nothing.
        style: options of :func:`~ppdet_hourglass.drawing.draw_people`.
    """
    rows: List[Dict[str, Any]] = []
    done = 0

    with (
        _at_the_end(
            lambda: _write_rows(results, rows, done), lambda: _close(output, done)
        ),
        interruptible() as check,
        tqdm(total=source.length, unit=" picture") as progress,
        logging_redirect_tqdm(),
        closing(predicted(source, find_boxes, estimator)) as frames,
    ):
        for frame, poses in frames:
            rows += [pose_row(frame, pose) for pose in poses]
            if output:
                keypoints = estimator.spec.keypoints
                output.write(frame, draw_people(frame.image, poses, keypoints, **style))
            done += 1
            progress.update()
            check()


def _write_rows(path: str, rows: List[Dict[str, Any]], frames: int) -> None:
    write_results(path, rows)
    people = counted(len(rows), "person", "people")
    logger.info(f"{people} in {counted(frames, 'picture')}: {path}")


def _close(output: Optional[Output], frames: int) -> None:
    if output:
        output.close()
        if frames:
            logger.info(f"drawn: {output.path}")


@contextmanager
def _at_the_end(*actions: Callable[[], None]) -> Iterator[None]:
    """Run all actions, even after an error; raise the first error, log the others."""
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


def predicted(
    frames: Iterable[Frame], find_boxes: FindBoxes, estimator: PoseEstimator
) -> Iterator[Tuple[Frame, List[Pose]]]:
    """Yield the frames with their poses, which are predicted in batches of people."""
    for batch in _batches(frames, find_boxes, estimator.batch_size):
        read, boxes = zip(*batch)
        yield from zip(read, estimator([frame.image for frame in read], boxes))


def _batches(
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
