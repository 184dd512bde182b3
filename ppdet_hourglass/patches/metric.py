"""Patch of the trainer's choice of metric: ``metric: NAME`` finds any registered one.

PaddleDetection's ``Trainer._init_metrics`` compares the name with those it knows
and, for any other, warns after the first epoch and evaluates nothing.  Patched, it
creates a registered class of category ``metric`` by its name, and refuses an unknown
name before the first step.
"""

import ast
import inspect
import textwrap
from typing import Any, Callable, Set

from ppdet.core.workspace import create, get_registered_modules
from ppdet.engine import Trainer

from ..compat.stock import is_ours
from ..errors import UserError
from .stock_ap import init_stock_metrics
from .wrapping import wrap


def install() -> None:
    """Wrap the trainer's choice of metric.

    Raises:
        ImportError: the trainer's method is not what this module expects.
    """
    wrap(Trainer, "_init_metrics", ["self", "validate"], _init_metrics)
    stock_metrics(Trainer._init_metrics)


def _init_metrics(
    stock: Callable[..., None], self: Any, validate: bool = False
) -> None:
    training = self.mode == "train" and not validate
    if is_ours(self.cfg) and self.mode == "train" and not len(self.loader):
        raise UserError(  # all epochs would pass without a batch
            f"the training set holds {len(self.dataset)} people, fewer than "
            f"TrainReader.batch_size = {self.cfg.TrainReader['batch_size']}"
        )
    name = self.cfg.metric
    modules = get_registered_modules().items()
    registered = {key for key, module in modules if module.category == "metric"}
    if name not in registered:
        known = registered | stock_metrics(stock)
        if is_ours(self.cfg) and name not in known:
            raise UserError(
                f"config key 'metric': unknown metric {name!r}; known: "
                f"{', '.join(sorted(known))}"
            )
        init_stock_metrics(stock, self, validate)
        return
    self._metrics = []
    if self.mode == "test" or (training and not self.cfg.get("eval")):
        return
    # Created before training with --eval too: a bad ground truth shows now, not
    # after the first epoch.
    metric = create(name)
    if not training:
        self._metrics = [metric]
    elif hasattr(metric, "check_it_scores"):
        metric.check_it_scores()


def stock_metrics(function: Callable[..., None]) -> Set[str]:
    """Names that a function compares ``self.cfg.metric`` with.

    Raises:
        ImportError: it makes no such comparison.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
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
