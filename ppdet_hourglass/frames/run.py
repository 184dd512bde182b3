"""Predict all frames of a source; write drawn pictures and a results file.

Finished work is kept, whether the run ends with the last frame, an error or Ctrl-C.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
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

#: Frames with their boxes.
Batch = List[Tuple[Frame, Optional[np.ndarray]]]

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

    While the network predicts a batch, one thread reads the next and another draws the
    one before, so that at most three are in memory.

    Args:
        source: the frames, read one by one.
        find_boxes: finds the people of a frame, in the thread that reads.
        estimator: predicts their poses.
        results: JSON file to write, in COCO's keypoint-result layout.
        output: writer of the drawn frames; None to draw nothing.
        style: options of :func:`~ppdet_hourglass.drawing.draw_people`.
    """
    draw = partial(draw_people, keypoints=estimator.spec.keypoints, **style)
    finished = _Finished(results, output, draw)
    written: Future[None] = Future()
    written.set_result(None)
    frames = iter(source)
    groups = batches(frames, find_boxes, estimator.batch_size)
    with (
        ThreadPoolExecutor(1) as reader,
        ThreadPoolExecutor(1) as writer,
        _kept(
            lambda: reader.submit(frames.close).result(),
            lambda: written.result(),
            finished.keep_results,
            finished.keep_drawn,
        ),
        interruptible() as check,
        tqdm(total=source.length, unit=" picture") as progress,
        logging_redirect_tqdm(),
    ):
        upcoming = reader.submit(next, groups, None)
        while (batch := upcoming.result()) is not None:
            upcoming = reader.submit(next, groups, None)
            images, boxes = [frame.image for frame, _ in batch], [b for _, b in batch]
            poses = estimator(images, boxes)
            written.result()
            written = writer.submit(finished.add, batch, poses, progress.update)
            check()
        written.result()
    return finished.summary


class _Finished:
    """Draws and writes what was predicted."""

    def __init__(
        self, results: str, output: Optional[Output], draw: Callable[..., np.ndarray]
    ) -> None:
        self.summary = Summary()
        self._rows: List[Dict[str, Any]] = []
        self._results, self._output, self._draw = results, output, draw

    def add(
        self, batch: Batch, poses: List[List[Pose]], each: Callable[[], Any]
    ) -> None:
        """Add a batch's frames one by one; ``each`` is called after each."""
        for (frame, _), people in zip(batch, poses):
            self._rows += [pose_row(frame, pose) for pose in people]
            if self._output is not None:
                self._output.write(frame, self._draw(frame.image, people))
            self.summary.frames += 1
            self.summary.people += len(people)
            each()

    def keep_results(self) -> None:
        """Write the results file."""
        write_results(self._results, self._rows)
        people = counted(self.summary.people, "person", "people")
        pictures = counted(self.summary.frames, "picture")
        logger.info(f"{people} in {pictures}: {self._results}")

    def keep_drawn(self) -> None:
        """Complete the drawn pictures or video."""
        if self._output is not None:
            self._output.close()
            if self.summary.frames:
                logger.info(f"drawn: {self._output.path}")


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


def batches(
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
