"""The trainer's seams: metric by name, checked weights, deployable export.

``Trainer._init_metrics``
    chooses the metric by a chain of comparisons; wrapped, ``metric: NAME`` finds
    any registered class of category ``metric``, and an unknown name is an error
    before the first step instead of a warning after the first epoch.
``Trainer.load_weights`` and ``Trainer.resume_weights``
    skip what does not fit and go on; wrapped, weights that fit no layer, or do
    not fill an evaluated hourglass, are an error.
``_dump_infer_config``
    ends the process for architectures it does not list; wrapped, an exported
    hourglass presents itself as the ``TopDownHRNet`` whose outputs it has.
``Trainer.export``
    of PyPI's paddledet asks Paddle 3 for a graph in pieces, which it cannot save;
    wrapped, it asks for a whole one.
"""

import ast
import functools
import inspect
import os
import textwrap
from typing import Any, Callable, Sequence, Set

import ppdet.engine.trainer as trainer_module
from ppdet.core.workspace import create, get_registered_modules

from ..errors import UserError
from . import best_model
from .weights import check_resumable, check_weights

Trainer = trainer_module.Trainer

#: Architecture of the stock deploy code whose outputs the hourglass has.
DEPLOY_ARCHITECTURE = "TopDownHRNet"

#: Switch of ``paddle.jit.to_static`` where the caller does not say.
GRAPH_IN_PIECES = "ENABLE_FALL_BACK"

#: Architectures of this package.
OURS = ("TopDownHourglass",)


def install() -> None:
    """Wrap the trainer; does nothing the second time.

    Raises:
        ImportError: PaddleDetection's trainer is not what this module expects.
    """
    if hasattr(Trainer._init_metrics, "__wrapped__"):
        return
    _expect(Trainer, "_init_metrics", ["self", "validate"])
    _expect(Trainer, "load_weights", ["self", "weights"])
    _expect(Trainer, "resume_weights", ["self", "weights"])
    _expect(Trainer, "export", ["self", "output_dir"])
    _expect(trainer_module, "_dump_infer_config", ["config", "path", "image_shape"])
    Trainer._init_metrics = _metrics_by_name(Trainer._init_metrics)
    Trainer.load_weights = _checked_weights(Trainer.load_weights)
    Trainer.resume_weights = _checked_resume(Trainer.resume_weights)
    Trainer.export = _whole_graph(Trainer.export)
    trainer_module._dump_infer_config = _deployable(trainer_module._dump_infer_config)


def _expect(owner: Any, name: str, parameters: Sequence[str]) -> None:
    function = getattr(owner, name, None)
    found = list(inspect.signature(function).parameters) if function else []
    if found[: len(parameters)] != list(parameters):
        raise ImportError(
            f"ppdet_hourglass expects {owner.__name__}.{name}({', '.join(parameters)}) "
            f"in ppdet.engine.trainer, but found {found or 'nothing'}; this "
            "PaddleDetection version is not supported"
        )


def _metrics_by_name(stock: Callable[..., None]) -> Callable[..., None]:
    stock_names = _stock_metrics(stock)

    @functools.wraps(stock)
    def init_metrics(self: Any, validate: bool = False) -> None:
        if self.mode == "train" and not len(self.loader):
            raise UserError(
                f"the training set holds {len(self.dataset)} people, fewer than "
                f"TrainReader.batch_size = {self.cfg.TrainReader['batch_size']}"
            )
        name = self.cfg.metric
        ours = registered_metrics()
        if name not in ours:
            if name not in stock_names:
                known = ", ".join(sorted(ours | stock_names))
                raise UserError(
                    f"config key 'metric': unknown metric {name!r}; known: {known}"
                )
            return stock(self, validate)
        training = self.mode == "train" and not validate
        if self.mode == "test" or (training and not self.cfg.get("eval")):
            self._metrics = []
            return None
        # Also before training with --eval: a bad ground truth shows now, not
        # after the first epoch.
        metric = create(name)
        self._metrics = [] if training else [metric]
        return None

    return init_metrics


def registered_metrics() -> Set[str]:
    """Names of the registered classes of category ``metric``."""
    modules = get_registered_modules().items()
    return {name for name, schema in modules if schema.category == "metric"}


def _stock_metrics(stock: Callable[..., None]) -> Set[str]:
    """Names that the stock chain compares ``self.cfg.metric`` with."""
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


def _checked_weights(stock: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(stock)
    def load_weights(self: Any, weights: str, *args: Any, **kwargs: Any) -> Any:
        if _is_ours(self.cfg) and not self.is_loaded_weights:
            training = self.mode == "train"
            option = "pretrain_weights" if training else "weights"
            check_weights(self.model, weights, not training, option)
        return stock(self, weights, *args, **kwargs)

    return load_weights


def _checked_resume(stock: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(stock)
    def resume_weights(self: Any, weights: str) -> Any:
        if _is_ours(self.cfg):
            check_resumable(self.model, weights)
            best_model.restore(self)
        return stock(self, weights)

    return resume_weights


def _whole_graph(stock: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(stock)
    def export(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = os.environ.get(GRAPH_IN_PIECES)
        if _is_ours(self.cfg):
            os.environ[GRAPH_IN_PIECES] = "False"
        try:
            return stock(self, *args, **kwargs)
        finally:
            os.environ.pop(GRAPH_IN_PIECES, None)
            if before is not None:
                os.environ[GRAPH_IN_PIECES] = before

    return export


def _deployable(stock: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(stock)
    def dump_infer_config(config: Any, *args: Any, **kwargs: Any) -> Any:
        if _is_ours(config):
            config = config.copy()
            config["architecture"] = DEPLOY_ARCHITECTURE
        return stock(config, *args, **kwargs)

    return dump_infer_config


def _is_ours(config: Any) -> bool:
    return config["architecture"] in OURS
