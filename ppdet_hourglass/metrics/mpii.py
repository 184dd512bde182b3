"""The metric ``PCKh``, registered with PaddleDetection."""

import os
from typing import Any, Dict, List, Optional

import numpy as np
import paddle.distributed as dist
from ppdet.core.workspace import register
from ppdet.metrics import Metric
from ppdet.utils.logger import setup_logger

from ..errors import UserError
from .ground_truth import GroundTruth
from .pckh import PCKhResult, check_finite, pckh
from .results_file import write_results

__all__ = ["PCKh"]

logger = setup_logger(__name__)

RESULTS_NAME = "keypoints_results.json"


@register
class PCKh(Metric):
    """PCKh over an :class:`~ppdet_hourglass.data.mpii.MPIIDataset`.

    Prints the table and the one-line form, writes every person's joints to
    ``keypoints_results.json`` in ``output_eval`` (or a folder of the config's name
    in ``save_dir``), and reports the figure that the best model is chosen by.

    Args:
        dataset: name of the evaluated data set in the config.
        best: figure that chooses ``best_model``: ``Mean``, ``Mean@0.1``, ``AUC``
            or a joint such as ``Wrist``.
        save_dir, filename, output_eval, save_prediction_only: the config's
            top-level keys.

    Raises:
        UserError: missing images, no ground truth, one that does not fit, or
            unknown ``best``.
    """

    __category__ = "metric"
    __inject__ = ["dataset"]
    __shared__ = ["save_dir", "filename", "output_eval", "save_prediction_only"]

    def __init__(
        self,
        dataset="EvalDataset",
        best="Mean",
        save_dir="output",
        filename="",
        output_eval=None,
        save_prediction_only=False,
    ) -> None:
        self.dataset = dataset
        self.best = best
        folder = output_eval or os.path.join(save_dir, filename)
        self.path = os.path.join(folder, RESULTS_NAME)
        self.truth: Optional[GroundTruth] = None
        dataset.check_or_download_dataset()
        dataset.parse_dataset()
        if not save_prediction_only:
            self.truth = GroundTruth.of(dataset.annotations)
            _check_best(best, self.truth)
        self.reset()

    def reset(self) -> None:
        """Forget the predictions of the last run."""
        self.people: List[np.ndarray] = []
        self.joints: List[np.ndarray] = []
        self.crops: List[np.ndarray] = []
        self.result: Optional[PCKhResult] = None

    def update(self, inputs: Dict[str, Any], outputs: Dict[str, Any]) -> None:
        """Take a batch: ``outputs["keypoint"][0][0]`` is (N, K, 3), 0-based pixels."""
        joints, _ = outputs["keypoint"][0]
        self.joints.append(joints)
        self.people.append(inputs["person"].numpy().reshape(-1))
        centers, scales = inputs["center"].numpy(), inputs["scale"].numpy()
        self.crops.append(np.concatenate([centers, scales], axis=1))

    def accumulate(self) -> None:
        """Write all predictions and compute the figures."""
        order = self._order()
        joints = np.concatenate(self.joints)[order]
        check_finite(joints[..., :2])
        if dist.get_rank() == 0:  # every process of a launched evaluation is here
            crops = np.concatenate(self.crops)[order]
            write_results(self.path, joints, crops, self.dataset)
            logger.info(f"joints of {len(joints)} people written to {self.path}")
        if self.truth is not None:
            self.result = pckh(joints[..., :2], self.truth)

    def _order(self) -> np.ndarray:
        """Places of the dataset's people in the collected batches, once each."""
        people = np.concatenate(self.people) if self.people else np.empty(0, int)
        found, first = np.unique(people, return_index=True)
        if len(found) != len(self.dataset):
            raise UserError(
                f"{len(found)} of {len(self.dataset)} people were predicted; PCKh "
                "needs all (EvalReader.drop_last must be false)"
            )
        return first

    def log(self) -> None:
        """Log the table and the line of the published reproduction."""
        if self.result is not None:
            logger.info(f"PCKh on {self.truth.source}\n{self.result}")
            logger.info(self.result.line())

    def get_results(self) -> Dict[str, List[float]]:
        """``keypoint`` first: the checkpointer maximises its only figure."""
        if self.result is None:
            return {}
        figures = self.result.figures()
        results = {"keypoint": [figures[self.best]]}
        results.update({name: [value] for name, value in figures.items()})
        return results


def _check_best(best: str, truth: GroundTruth) -> None:
    figures = pckh(np.zeros(truth.joints.shape), truth).figures()
    usable = [name for name, value in figures.items() if not np.isnan(value)]
    if best not in usable:
        raise UserError(
            f"PCKh.best must be one of {', '.join(usable)}, but got {best!r}"
        )
