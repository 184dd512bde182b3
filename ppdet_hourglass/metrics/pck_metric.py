"""The metrics ``PCK`` and ``PCKh``, registered with PaddleDetection."""

import os
from typing import Any, Dict, List, Optional, Tuple

import numpy as np
from ppdet.core.workspace import register
from ppdet.metrics import Metric
from ppdet.utils.logger import setup_logger

from ..data.people import COCO
from ..data.people_dataset import people_of
from ..errors import UserError
from ..fields import check, one_of
from ..keypoints.keypoint_set import HEAD_BOX, KeypointSet, read_keypoints
from .ground_truth import THRESHOLDS, GroundTruth, is_withheld, truth_of
from .oks import FIGURES, oks_ap
from .pck import PCKResult, check_finite, pck
from .results import evaluation_rows, results_path, write_results
from .submission import PREDICTIONS_NAME, read_layout, write_predictions

logger = setup_logger(__name__)


@register
class PCK(Metric):
    """PCK over an ``MPIIDataset``, a ``COCOPose`` or a stock data set.

    Logs a table, writes every person's joints to the file of :func:`results_path` in
    ``output_eval`` (by default, a folder in ``save_dir`` named after the config), and
    reports the figure that selects the best model.  For annotations in COCO's layout
    it adds COCO's AP, if the keypoint file has sigmas.  For MPII's test people it also
    writes ``pred_keypoints_mpii.mat``.  Without annotated joints it only writes files.

    Args:
        dataset: name of the evaluated data set in the config.
        best: figure that selects ``best_model``: ``Mean``, ``Mean@0.1``, ``AUC``, a
            group of joints such as ``Wrist``, or ``AP``.
        keypoints: keypoint file, whose normaliser is the unit of the errors.
        save_dir, filename, output_eval, save_prediction_only: the config's
            top-level keys.

    Raises:
        UserError: images or ground truth are missing or do not fit, or ``best`` is
            unknown.
    """

    __category__ = "metric"
    __inject__ = ["dataset"]
    __shared__ = [
        "save_dir",
        "filename",
        "output_eval",
        "save_prediction_only",
        "keypoints",
    ]

    def __init__(
        self,
        dataset="EvalDataset",
        best="Mean",
        keypoints="mpii",
        save_dir="output",
        filename="",
        output_eval=None,
        save_prediction_only=False,
    ) -> None:
        self.dataset = dataset
        self.best = best
        self.keypoints = read_keypoints(keypoints)
        self._check_normaliser(self.keypoints)
        self.save_prediction_only = save_prediction_only
        self.folder = output_eval or os.path.join(save_dir, filename)
        self.truth: Optional[GroundTruth] = None
        #: Path of the last results file.
        self.written: Optional[str] = None
        #: (N, K, 3) predicted joints of the last run: 0-based pixels, and score.
        self.joints: Optional[np.ndarray] = None
        self.people = people_of(dataset, self.keypoints)
        if self.people.scores is not None:
            raise UserError(
                "metric PCK pairs each prediction with an annotated person: set "
                "EvalDataset.use_gt_bbox to true, or use metric: "
                "KeyPointTopDownCOCOEval"
            )
        has_ap = self.people.layout == COCO and self.keypoints.sigmas
        self.ap_file = self.people.path if has_ap else None
        self.layout = read_layout(self.people)
        if not save_prediction_only and is_withheld(self.people):
            logger.warning(
                f"{self.people.path} has no joints: predictions are written, but "
                "there is no ground truth to score them with"
            )
        elif not save_prediction_only:
            self.truth = truth_of(self.people, self.keypoints)
            self._check_best()
        self.reset()

    def _check_normaliser(self, keypoints: KeypointSet) -> None:
        """Accept any normaliser; a subclass may refuse some."""

    def check_it_scores(self) -> None:
        """Raise :class:`UserError` if training with ``--eval`` has no ground truth."""
        if self.truth is None and not self.save_prediction_only:
            raise UserError(
                f"{self.people.path} (EvalDataset) has no joints to evaluate "
                "with, but training with --eval needs them"
            )

    @property
    def figure_name(self) -> str:
        """Name of the figure that selects the best model, for the log."""
        if self.best in FIGURES:
            return f"OKS {self.best}"
        return f"{THRESHOLDS[self.keypoints.normaliser].title} {self.best}"

    def _check_best(self) -> None:
        figures = pck(np.zeros(self.truth.joints.shape), self.truth).figures()
        usable = [name for name, value in figures.items() if not np.isnan(value)]
        usable += FIGURES if self.ap_file else []
        check(self.best, one_of(usable), f"{type(self).__name__}.best")

    def reset(self) -> None:
        """Forget the predictions of the last run."""
        #: Indices (n,), joints (n, K, 3) and crops (n, 4) of each batch's people.
        self.batches: List[Tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self.result: Optional[PCKResult] = None
        self.ap: Dict[str, float] = {}

    def update(self, inputs: Dict[str, Any], outputs: Dict[str, Any]) -> None:
        """Add a batch: ``outputs["keypoint"][0][0]`` is (N, K, 3), 0-based pixels."""
        joints, _ = outputs["keypoint"][0]
        crops = [inputs["center"].numpy(), inputs["scale"].numpy()]
        if "person" in inputs:
            people = inputs["person"].numpy().reshape(-1)
        else:  # stock data sets do not number their people, but keep their order
            people = sum(len(seen) for seen, _, _ in self.batches) + np.arange(
                len(joints)
            )
        self.batches.append((people, joints, np.concatenate(crops, axis=1)))

    def accumulate(self) -> None:
        """Write all predictions and compute the figures."""
        joints, crops = self._everybody()
        check_finite(joints[..., :2])
        self.joints = joints
        rows = evaluation_rows(joints, crops, self.people.images, self.people.image_ids)
        self.written = results_path(self.folder, self.people.path, rows)
        write_results(self.written, rows)
        logger.info(f"joints of {len(joints)} people written to {self.written}")
        if self.layout is not None:
            path = os.path.join(self.folder, PREDICTIONS_NAME)
            logger.info(f"writing {path}, for the MPII evaluation")
            write_predictions(path, self.layout, self.people, joints[..., :2])
        if self.truth is not None:
            self.result = pck(joints[..., :2], self.truth)
            if self.ap_file:
                self.ap = oks_ap(self.ap_file, rows, self.keypoints.sigmas)

    def _everybody(self) -> Tuple[np.ndarray, np.ndarray]:
        """Joints (N, K, 3) and crops (N, 4) of the dataset's people, each once."""
        people = [index for seen, _, _ in self.batches for index in seen]
        found, first = np.unique(people, return_index=True)
        if len(found) != len(self.dataset):
            raise UserError(
                f"{len(found)} of {len(self.dataset)} people were predicted; "
                f"{type(self).__name__} needs all (EvalReader.drop_last must be false)"
            )
        _, joints, crops = (
            np.concatenate(parts)[first] for parts in zip(*self.batches)
        )
        return joints, crops

    def log(self) -> None:
        """Log the table, the line of the published reproduction, and COCO's AP."""
        if self.result is None:
            return
        title = THRESHOLDS[self.keypoints.normaliser].title
        logger.info(f"{title} on {self.truth.source}\n{self.result}")
        logger.info(self.result.line())
        if self.ap:
            figures = " ".join(f"{name}={value:.3f}" for name, value in self.ap.items())
            logger.info(f"OKS {figures}")

    def get_results(self) -> Dict[str, List[float]]:
        """Return all figures; the checkpointer maximises the first, ``keypoint``."""
        if self.result is None:
            return {}
        figures = {**self.result.figures(), **self.ap}
        figures = {"keypoint": figures[self.best], **figures}
        return {name: [value] for name, value in figures.items()}


@register
class PCKh(PCK):
    """:class:`PCK` in head sizes, MPII's metric; refuses any other normaliser."""

    def _check_normaliser(self, keypoints: KeypointSet) -> None:
        if keypoints.normaliser != HEAD_BOX:
            raise UserError(
                f"metric PCKh measures in head boxes, but {keypoints.source} has "
                f"'normaliser: {keypoints.normaliser}': use metric: PCK"
            )
