"""The record that a training writes into its own folder, without being asked.

With the first step: ``config.yml``, ``versions.json`` and ``train_batch.jpg``.  With
each evaluation: ``results.csv``, ``results.png`` and ``val_worst.jpg``.
"""

import gc
import os
import time
from typing import Any, Callable, Dict, List, Set

import cv2
import paddle.distributed as dist
from ppdet.engine.callbacks import Callback
from ppdet.utils.logger import setup_logger

from ..errors import INSTALL, one_line
from ..files import write_whole
from ..keypoints.keypoint_file import read_keypoints
from .checkpointer import SnapshotKeeper, figure_name
from .curves import draw_curves
from .peak_memory import peak_megabytes
from .run_facts import config_text, versions_text
from .run_pictures import first_people, write_worst
from .run_table import Row, make_row, read_rows, to_csv

logger = setup_logger(__name__)

RESULTS, CURVES = "results.csv", "results.png"
CONFIG, VERSIONS = "config.yml", "versions.json"
BATCH, WORST = "train_batch.jpg", "val_worst.jpg"


class RunRecord(Callback):
    """Writes the record; a file that cannot be written is a warning.

    Args:
        trainer: PaddleDetection's trainer.
        keeper: knows the folder, the losses, and the snapshot that is resumed.

    Attributes:
        rows: the rows of ``results.csv``, those before a resume included.
    """

    def __init__(self, trainer: Any, keeper: SnapshotKeeper) -> None:
        super().__init__(trainer)
        self.keeper = keeper
        self.rows: List[Row] = []
        self.seen: Dict[str, Any] = {}
        self.hook: Any = None
        self.failed: Set[str] = set()
        self.began = time.time()

    def on_train_begin(self, status: Any) -> None:
        """Go on with the table of the run that is resumed, if there is one.

        Rows of epochs that are trained again are left out.

        Raises:
            UserError: that table is damaged.
        """
        if dist.get_rank() != 0:
            return
        if self.keeper.newest:
            path = os.path.join(os.path.dirname(self.keeper.newest), RESULTS)
            start = self.model.start_epoch
            self.rows = [row for row in read_rows(path) if int(row["epoch"]) < start]
        before = float(self.rows[-1]["seconds"] or 0) if self.rows else 0.0
        self.began = time.time() - before
        self.hook = self.model.model.register_forward_pre_hook(self._see)

    def _see(self, network: Any, inputs: Any) -> None:
        self.seen = self.seen or inputs[0]

    def on_step_end(self, status: Any) -> None:
        """Write what a training has from its first step on."""
        if self.hook is None or status["mode"] != "train":
            return
        self.hook.remove()
        batch, self.seen, self.hook = self.seen, {}, None
        self._write(CONFIG, lambda: config_text(self.model.cfg).encode())
        self._write(VERSIONS, lambda: versions_text().encode())
        self._write(BATCH, lambda: self._picture(batch, status))

    def _picture(self, batch: Any, status: Any) -> bytes:
        from ..drawing.batch import draw_batch

        epoch, step = status["epoch_id"], status["step_id"]
        people = self.keeper.watch.order.people(epoch, step)
        names = [f"record {i} · {os.path.basename(image)}" for i, image in people]
        picture = draw_batch(
            *first_people(self.model.model, batch),
            names,
            f"Training batch (epoch {epoch}, step {step}) as the network gets it: red "
            "must be each person's own right side, in mirrored crops too",
            read_keypoints(self.model.cfg["keypoints"]),
        )
        return cv2.imencode(".jpg", picture)[1].tobytes()

    def on_epoch_end(self, status: Any) -> None:
        """Add a row after an evaluation, and draw."""
        if status["mode"] != "eval" or dist.get_rank() != 0:
            return
        (metric,) = self.model._metrics
        self.rows.append(make_row(self._facts(status), figures_of(metric)))
        self._write(RESULTS, lambda: to_csv(self.rows))
        self._write(CURVES, self._curves)
        if metric.get_results():
            self._try(WORST, lambda path: write_worst(metric, path))
        gc.collect()  # a figure refers to itself, and would stay for several epochs

    def _curves(self) -> bytes:
        name, epoch = self.model.cfg["filename"], self.rows[-1]["epoch"]
        return draw_curves(self.rows, f"{name}, after epoch {epoch}")

    def _facts(self, status: Any) -> Dict[str, Any]:
        epoch = status["epoch_id"]
        last = self.keeper.watch.record.get("last", {})
        if last.get("epoch") != epoch:
            last = {}  # the epoch had no step whose loss counts
        return {
            **last,
            "epoch": epoch,
            "step": (epoch + 1) * status["steps_per_epoch"],
            "seconds": time.time() - self.began,
            "memory_mb": peak_megabytes(),
        }

    def _write(self, name: str, make: Callable[[], bytes]) -> None:
        self._try(name, lambda path: write_whole(path, make()))

    def _try(self, name: str, write: Callable[[str], None]) -> None:
        """Write a file; say once that it cannot be written, whatever the reason."""
        try:
            write(os.path.join(self.keeper.save_dir, name))
        except Exception as error:  # a training is worth more than its record
            if name not in self.failed:
                missing = INSTALL.get(getattr(error, "name", None))
                reason = f"{one_line(error)}: {missing}" if missing else one_line(error)
                logger.warning(f"{name} is not written: {reason}")
            self.failed.add(name)


def figures_of(metric: Any) -> Dict[str, float]:
    """What a metric evaluated, by name.

    ``keypoint`` repeats the figure that selects the best model, or is the only one.
    """
    results = {name: float(values[0]) for name, values in metric.get_results().items()}
    chosen = results.pop("keypoint", None)
    if chosen is not None and not results:
        return {figure_name(metric): chosen}
    return results
