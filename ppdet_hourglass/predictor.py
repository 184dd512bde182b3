"""What a notebook or a program imports: ``from ppdet_hourglass import Predictor``."""

from .predict.estimator import PoseEstimator


class Predictor(PoseEstimator):
    """Predicts poses; see :class:`~ppdet_hourglass.predict.estimator.PoseEstimator`."""
