"""The record that each run writes into its own folder.

With the first step: ``config.yml``, ``versions.json`` and ``train_batch.jpg``.  With
each evaluation: ``results.csv``, ``results.png`` and ``val_worst.jpg``.  With
``--use_vdl``, VisualDL gets the figures under the names that ``results.csv`` has.
"""

import gc
import os
import time
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Set, Tuple

import cv2
import numpy as np
from ppdet.utils.logger import setup_logger

from ..data.crop import STRIDE
from ..data.people_dataset import image_folder
from ..drawing.tiles import draw_batch, draw_worst
from ..errors import INSTALL, UserError, one_line
from ..files import write_whole
from ..keypoints.keypoint_set import read_keypoints
from ..metrics.pck import person_scores
from .checkpoints import figure_name
from .facts import config_text, peak_megabytes, versions_text
from .steps import Step
from .table import Row, draw_curves, make_row, read_rows, to_csv

logger = setup_logger(__name__)

RESULTS, CURVES = "results.csv", "results.png"
CONFIG, VERSIONS = "config.yml", "versions.json"
BATCH, WORST = "train_batch.jpg", "val_worst.jpg"

#: People in the image of a batch, and in that of the worst.
BATCH_PEOPLE, WORST_PEOPLE = 8, 12

#: PaddleDetection's default of ``--vdl_log_dir``.
VISUALDL = "vdl_log_dir/scalar"


class RunRecord:
    """Writes the record; a file that cannot be written is a warning.

    Args:
        cfg: the config.
        save_dir: folder of the record.

    Attributes:
        rows: the rows of ``results.csv``, those before a resume included.
        started: whether the files of the first step were written.
    """

    def __init__(self, cfg: Any, save_dir: str) -> None:
        self.cfg, self.save_dir = cfg, save_dir
        self.rows: List[Row] = []
        self.started = False
        self.failed: Set[str] = set()
        self.began = time.monotonic()

    def begin(self, resumed: Optional[str], epoch: int) -> None:
        """Continue the table beside the resumed snapshot, up to ``epoch``.

        Raises:
            UserError: that table is damaged.
        """
        if resumed:
            rows = read_rows(os.path.join(os.path.dirname(resumed), RESULTS))
            self.rows = [row for row in rows if int(row["epoch"]) < epoch]
        before = float(self.rows[-1]["seconds"] or 0) if self.rows else 0.0
        self.began = time.monotonic() - before

    def start(
        self,
        network: Any,
        batch: Mapping[str, Any],
        people: Sequence[Tuple[int, str]],
        place: str,
    ) -> None:
        """Write the files of the first step.

        ``batch`` is the network's input, ``people`` record and image of each person in
        it, and ``place`` epoch and step in words.
        """

        def image() -> bytes:
            drawn = draw_batch(
                *first_people(network, batch),
                [f"record {i} · {os.path.basename(name)}" for i, name in people],
                f"Training batch ({place}) as the network sees it",
                read_keypoints(self.cfg["keypoints"]),
            )
            return cv2.imencode(".jpg", drawn)[1].tobytes()

        self.started = True
        self._write(CONFIG, lambda: config_text(self.cfg).encode())
        self._write(VERSIONS, lambda: versions_text().encode())
        self._write(BATCH, image)

    def add(
        self, epoch: int, steps: int, losses: Mapping[str, Any], metric: Any
    ) -> Row:
        """Add a row after an evaluation; draw the curves and the worst people.

        ``steps`` counts all to the epoch's end; ``losses`` may be an earlier epoch's.
        """
        facts = {
            **(losses if losses.get("epoch") == epoch else {}),
            "epoch": epoch,
            "step": steps,
            "seconds": time.monotonic() - self.began,
            "memory_mb": peak_megabytes(),
        }
        row = make_row(facts, figures_of(metric))
        self.rows.append(row)
        heading = f"{self.cfg['filename']}, after epoch {epoch}"
        self._write(RESULTS, lambda: to_csv(self.rows))
        self._write(CURVES, lambda: draw_curves(self.rows, heading))
        if metric.get_results():
            self._try(WORST, lambda path: write_worst(metric, path))
        gc.collect()  # a figure refers to itself and would stay for several epochs
        return row

    def _write(self, name: str, make: Callable[[], bytes]) -> None:
        self._try(name, lambda path: write_whole(path, make()))

    def _try(self, name: str, write: Callable[[str], None]) -> None:
        """Write a file; on any failure, warn once."""
        try:
            write(os.path.join(self.save_dir, name))
        except Exception as error:  # a run is worth more than its record
            if name not in self.failed:
                missing = INSTALL.get(getattr(error, "name", None))
                reason = f"{one_line(error)}: {missing}" if missing else one_line(error)
                logger.warning(f"{name} cannot be written: {reason}")
            self.failed.add(name)


class VisualRecord:
    """Writes losses to VisualDL when they are logged, and each evaluation's figures.

    Each ``run`` has its own folder, which a resumed run continues.  The horizontal axis
    counts all steps; an epoch has ``steps``.
    """

    def __init__(self, cfg: Any, run: str, steps: int) -> None:
        from visualdl import LogWriter

        parent = cfg.get("vdl_log_dir") or VISUALDL
        folder = os.path.join(parent, f"{cfg['filename']}-{run[:8]}")
        self.writer = LogWriter(folder)
        self.steps = steps
        self.of_steps: Set[str] = set()
        logger.info(f"VisualDL record in {folder}: run visualdl --logdir {parent}")

    def add_losses(self, last: Step, means: Dict[str, float]) -> None:
        """Write means of the steps until ``last``."""
        figures = {**means, "learning_rate": last.rate}
        self.of_steps.update(figures)
        self._write(last.epoch * self.steps + last.number + 1, figures)

    def add_row(self, row: Row) -> None:
        """Write an evaluation's row of the table, except what the steps wrote."""
        written = {"epoch", "step", *self.of_steps}
        texts = {name: row[name] for name in row if name not in written}
        figures = {name: float(text) for name, text in texts.items() if text}
        self._write(int(row["step"]), figures)

    def _write(self, step: int, figures: Dict[str, float]) -> None:
        for name, value in figures.items():
            self.writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Flush VisualDL's buffer."""
        self.writer.close()


def figures_of(metric: Any) -> Dict[str, float]:
    """The figures of a metric, by name.

    ``keypoint`` repeats the figure that selects the best model, or is the only one.
    """
    results = {name: float(values[0]) for name, values in metric.get_results().items()}
    chosen = results.pop("keypoint", None)
    if chosen is not None and not results:
        return {figure_name(metric): chosen}
    return results


def first_people(
    network: Any, batch: Mapping[str, Any]
) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first N people of a training batch, from the network's device.

    Args:
        network: a ``TopDownHourglass``.
        batch: its input, with heatmaps or, from ``TopDownCrop``, joints.

    Returns:
        Crops (N, H, W, 3) uint8 BGR, targets (N, K, H/4, W/4) and weights (N, K).
    """
    image = batch["image"][:BATCH_PEOPLE]
    if "joints" in batch:
        pixels = image.numpy()
        size = (pixels.shape[2] // STRIDE, pixels.shape[1] // STRIDE)
        joints = batch["joints"][:BATCH_PEOPLE]
        targets, weights = network.codec.encode(joints, (STRIDE, STRIDE), size)
    else:
        pixels = network.pixels.restore(image)
        targets, weights = batch["target"], batch["target_weight"]
        targets, weights = targets[:BATCH_PEOPLE], weights[:BATCH_PEOPLE]
    weights = weights.numpy().reshape(weights.shape[:2])
    return pixels[..., ::-1].copy(), targets.numpy(), weights


def write_worst(metric: Any, path: str) -> None:
    """Draw the worst people of a ``PCK`` that has accumulated.

    Raises:
        UserError: it is another metric, or images or ground truth are missing.
    """
    truth = getattr(metric, "truth", None)
    if truth is None or metric.joints is None:
        raise UserError(f"metric {type(metric).__name__} keeps no person's joints")
    worst = draw_worst(
        metric.people,
        image_folder(metric.dataset),
        metric.joints,
        person_scores(metric.joints[..., :2], truth),
        metric.keypoints,
        WORST_PEOPLE,
    )
    write_whole(path, cv2.imencode(".jpg", worst)[1].tobytes())
