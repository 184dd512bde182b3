"""The metric's patch: ``metric: NAME`` finds any registered metric.

PaddleDetection's ``Trainer._init_metrics`` compares the name with those it knows
and, for another, warns after the first epoch and evaluates nothing.  Wrapped, a
registered class of category ``metric`` is created by its name, and an unknown name
is an error before the first step.
"""

import ast
import functools
import inspect
import textwrap
from typing import Any, Callable, Set

from ppdet.core.workspace import create, get_registered_modules
from ppdet.engine import Trainer

from ..compat.architecture import is_ours
from ..errors import UserError
from ..keypoints.keypoint_file import read_keypoints
from .stock_ap import STOCK_AP, check_sigmas, use_sigmas
from .wrapping import wrap


def install() -> None:
    """Wrap the trainer's choice of metric; raises ImportError as ``wrap`` does."""
    wrap(Trainer, "_init_metrics", ["self", "validate"], _metrics_by_name)


def _metrics_by_name(stock: Callable[..., None]) -> Callable[..., None]:
    stock_names = stock_metrics(stock)

    @functools.wraps(stock)
    def init_metrics(self: Any, validate: bool = False) -> None:
        _check_not_empty(self)
        name = self.cfg.metric
        registered = registered_metrics()
        if name not in registered:
            _check_known(self.cfg, registered | stock_names)
            if name == STOCK_AP and self.cfg.get("keypoints"):
                return _with_own_sigmas(self, stock, validate)
            return stock(self, validate)
        training = self.mode == "train" and not validate
        if self.mode == "test" or (training and not self.cfg.get("eval")):
            self._metrics = []
            return None
        # Also before training with --eval: a bad ground truth shows now, not
        # after the first epoch.
        metric = create(name)
        if training and hasattr(metric, "check_it_scores"):
            metric.check_it_scores()
        self._metrics = [] if training else [metric]
        return None

    return init_metrics


def _check_not_empty(trainer: Any) -> None:
    """The trainer itself would run all its epochs on nothing."""
    if is_ours(trainer.cfg) and trainer.mode == "train" and not len(trainer.loader):
        raise UserError(
            f"the training set holds {len(trainer.dataset)} people, fewer than "
            f"TrainReader.batch_size = {trainer.cfg.TrainReader['batch_size']}"
        )


def _with_own_sigmas(trainer: Any, stock: Callable[..., None], validate: bool) -> None:
    keypoints = read_keypoints(trainer.cfg["keypoints"])
    check_sigmas(keypoints)
    stock(trainer, validate)
    for metric in trainer._metrics:
        use_sigmas(metric, keypoints)


def _check_known(cfg: Any, known: Set[str]) -> None:
    """The trainer itself would warn after the first epoch and evaluate nothing."""
    if is_ours(cfg) and cfg.metric not in known:
        raise UserError(
            f"config key 'metric': unknown metric {cfg.metric!r}; known: "
            f"{', '.join(sorted(known))}"
        )


def registered_metrics() -> Set[str]:
    """Names of the registered classes of category ``metric``."""
    modules = get_registered_modules().items()
    return {name for name, schema in modules if schema.category == "metric"}


def stock_metrics(stock: Callable[..., None]) -> Set[str]:
    """Names that the stock chain compares ``self.cfg.metric`` with.

    Raises:
        ImportError: there is no such chain in the function.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(stock)))
    names = {
        getattr(value, "value", None)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and getattr(node.left, "attr", "") == "metric"
        for value in node.comparators
    }
    if "KeyPointTopDownMPIIEval" not in names:
        raise ImportError(
            "ppdet_hourglass finds no comparison of cfg.metric in PaddleDetection's "
            "Trainer._init_metrics; this version is not supported"
        )
    return names
