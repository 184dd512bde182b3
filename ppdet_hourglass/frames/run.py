"""Predict all frames of a source; write drawn pictures and a results file.

Finished work is kept, whether the run ends with the last frame, an error or Ctrl-C.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
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

#: Frames with their boxes, and frames with their poses.
Batch = List[Tuple[Frame, Optional[np.ndarray]]]
Predicted = Iterable[Tuple[Frame, List[Pose]]]

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

    While the network predicts a batch, one thread reads the next and another draws the
    one before, so that at most three are in memory.

    ``results`` is a JSON file in COCO's keypoint-result layout.  Without ``output``
    nothing is drawn; ``style`` has options of
    :func:`~ppdet_hourglass.drawing.draw_people`.
    """
    draw = partial(draw_people, keypoints=estimator.spec.keypoints, **style)
    finished = _Finished(results, output, draw)
    written: Future[None] = Future()
    written.set_result(None)
    frames = iter(source)
    batches = _batches(frames, find_boxes, estimator.batch_size)

    def end_threads() -> None:
        reader.submit(frames.close).result()
        written.result()

    with (
        ThreadPoolExecutor(1) as reader,
        ThreadPoolExecutor(1) as writer,
        _at_the_end(end_threads, finished.write_rows, finished.close_output),
        interruptible() as check,
        tqdm(total=source.length, unit=" picture") as progress,
        logging_redirect_tqdm(),
    ):
        upcoming = reader.submit(next, batches, None)
        while (batch := upcoming.result()) is not None:
            upcoming = reader.submit(next, batches, None)
            poses = _poses(batch, estimator)
            written.result()
            written = writer.submit(finished.add, poses, progress.update)
            check()
        written.result()


class _Finished:
    """Draws what was predicted, and keeps the records of the results file."""

    def __init__(
        self, results: str, output: Optional[Output], draw: Callable[..., np.ndarray]
    ) -> None:
        self._results, self._output, self._draw = results, output, draw
        self._rows: List[Dict[str, Any]] = []
        self._frames = 0

    def add(self, frames: Predicted, each: Callable[[], Any]) -> None:
        """Add frames one by one; ``each`` is called after each."""
        for frame, poses in frames:
            self._rows += [pose_row(frame, pose) for pose in poses]
            if self._output:
                self._output.write(frame, self._draw(frame.image, poses))
            self._frames += 1
            each()

    def write_rows(self) -> None:
        """Write the results file."""
        write_results(self._results, self._rows)
        people = counted(len(self._rows), "person", "people")
        logger.info(f"{people} in {counted(self._frames, 'picture')}: {self._results}")

    def close_output(self) -> None:
        """Complete the drawn pictures or video."""
        if self._output:
            self._output.close()
            if self._frames:
                logger.info(f"drawn: {self._output.path}")


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
            if error not in errors:
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
        yield from _poses(batch, estimator)


def _poses(batch: Batch, estimator: PoseEstimator) -> Predicted:
    frames, boxes = zip(*batch)
    return zip(frames, estimator([frame.image for frame in frames], boxes))


def _batches(
    frames: Iterable[Frame], find_boxes: FindBoxes, size: int
) -> Iterator[Batch]:
    """Group frames with their boxes until a batch has ``size`` people or frames."""
    batch: Batch = []
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
