"""Predict all frames of a source; write drawn images and a results file.

Finished work is kept, whether the run ends with the last frame, an error or Ctrl-C.
"""

import logging
import signal
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple

import numpy as np
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from ..drawing import draw_people
from ..keypoints.pose import Pose
from ..metrics.results import write_results
from .boxes import FindBoxes
from .estimator import PoseEstimator
from .outputs import Output
from .smoothing import Smoother
from .sources import Frame, Source, count_of

logger = logging.getLogger(__name__)

#: Frames with their boxes, and frames with their poses.
Batch = List[Tuple[Frame, Optional[np.ndarray]]]
Predicted = Iterable[Tuple[Frame, List[Pose]]]

#: A batch ends with the frame that takes it past this size.
MAX_BATCH_BYTES = 2**28

#: Ctrl-C, and what schedulers and ``kill`` send.
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def predict_all(
    source: Source,
    find_boxes: FindBoxes,
    estimator: PoseEstimator,
    results: Optional[str],
    output: Optional[Output] = None,
    smooth: Optional[Smoother] = None,
    **style: Any,
) -> None:
    """Predict, draw and write all frames of a source.

    While the network predicts a batch, one thread reads the next and another draws the
    one before, so that at most three are in memory.

    Args:
        source: the frames.
        find_boxes: finds the people of each frame.
        estimator: predicts their poses.
        results: JSON file to write, in COCO's keypoint-result layout; or None.
        output: where to draw; without it, nothing is drawn.
        smooth: smooths the poses of a video's frames.
        style: options of :func:`~ppdet_hourglass.drawing.draw_people`.
    """
    keypoints = estimator.spec.keypoints
    rows: List[Dict[str, Any]] = []
    finished = 0

    def finish(predicted: Predicted) -> None:
        """Draw a batch, and keep its records."""
        nonlocal finished
        for frame, poses in predicted:
            rows.extend(pose_row(frame, pose) for pose in poses)
            if output:
                drawn = draw_people(frame.image, poses, keypoints=keypoints, **style)
                output.write(frame, drawn)
            finished += 1
            progress.update()

    def end_threads() -> None:
        reader.submit(frames.close).result()
        written.result()

    def write_rows() -> None:
        found = count_of(len(rows), "person", "people")
        found = f"{found} in {count_of(finished, 'image')}"
        if results:
            write_results(results, rows)
        logger.info(f"{found}: {results}" if results else found)

    def close_output() -> None:
        if output:
            output.close()
            if finished:
                logger.info(f"drawn: {output.path}")

    written: Future[None] = Future()
    written.set_result(None)
    frames = iter(source)
    batches = _batches(frames, find_boxes, estimator.batch_size)
    with (
        ThreadPoolExecutor(1) as reader,
        ThreadPoolExecutor(1) as writer,
        _at_the_end(end_threads, write_rows, close_output),
        interruptible() as check,
        tqdm(total=source.length, unit=" image") as progress,
        logging_redirect_tqdm(),
    ):
        upcoming = reader.submit(next, batches, None)
        while (batch := upcoming.result()) is not None:
            upcoming = reader.submit(next, batches, None)
            poses = _poses(batch, estimator, smooth)
            written.result()
            written = writer.submit(finish, poses)
            check()
        written.result()


def predict_frames(
    frames: Iterable[Frame], find_boxes: FindBoxes, estimator: PoseEstimator
) -> Iterator[Tuple[Frame, List[Pose]]]:
    """Yield the frames with their poses, which are predicted in batches of people."""
    for batch in _batches(frames, find_boxes, estimator.batch_size):
        yield from _poses(batch, estimator)


def pose_row(frame: Frame, pose: Pose) -> Dict[str, Any]:
    """A person's record in the results file; in a video it also has ``frame``."""
    image = {"image": frame.name, "image_id": frame.number}
    row = {**image, **pose.to_coco(), "pixels": frame.pixels}
    return {**row, "frame": frame.number} if frame.in_video else row


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


def _poses(
    batch: Batch, estimator: PoseEstimator, smooth: Optional[Smoother] = None
) -> Predicted:
    frames, boxes = zip(*batch)
    poses = estimator([frame.image for frame in frames], boxes)
    if smooth:
        poses = [smooth(people, frame.time) for frame, people in zip(frames, poses)]
    return list(zip(frames, poses))


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


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Defer the first of ``SIGNALS`` to the caller's next check; a second acts at once.

    Python drops an exception that arrives in a destructor or in a callback of native
    code, and the run would go on.  One in the middle of a frame would leave a video
    longer than its results.

    Yields:
        A function that raises KeyboardInterrupt if Ctrl-C was pressed, or SystemExit
        with status 143 after SIGTERM.  It does nothing outside the main thread, nor for
        a signal that the process ignores, as shells let background processes ignore
        Ctrl-C.
    """
    received: List[int] = []
    main = threading.current_thread() is threading.main_thread()
    before = {number: signal.getsignal(number) for number in SIGNALS if main}
    held = [n for n, handler in before.items() if handler is not signal.SIG_IGN]

    def check() -> None:
        if received and received[0] == signal.SIGTERM:
            logger.warning("stopped by SIGTERM")
            raise SystemExit(128 + signal.SIGTERM)
        if received:
            raise KeyboardInterrupt

    def hold(number: int, _: Any) -> None:
        check()
        received.append(number)

    for number in held:
        signal.signal(number, hold)
    try:
        yield check
    finally:
        for number in held:
            signal.signal(number, before[number])
