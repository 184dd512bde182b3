"""The exporter's seams: an hourglass deploys as the HRNet whose outputs it has.

``_dump_infer_config`` ends the process, with status 0, for architectures that it
does not list; wrapped, it sees the ``TopDownHRNet`` of the deploy code.
``Trainer.export`` of PyPI's paddledet asks Paddle 3 for a graph in pieces, which it
cannot save; wrapped, it asks for a whole one.
"""

import functools
import os
from typing import Any, Callable

import ppdet.engine.trainer as trainer_module

from .wrapping import is_ours, wrap

#: Architecture of the stock deploy code whose outputs the hourglass has.
DEPLOY_ARCHITECTURE = "TopDownHRNet"

#: Switch of ``paddle.jit.to_static`` where the caller does not say.
GRAPH_IN_PIECES = "ENABLE_FALL_BACK"


def install() -> None:
    """Wrap the exporter; raises ImportError as ``wrap`` does."""
    wrap(trainer_module.Trainer, "export", ["self", "output_dir"], _whole_graph)
    parameters = ["config", "path", "image_shape"]
    wrap(trainer_module, "_dump_infer_config", parameters, _deployable)


def _whole_graph(stock: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(stock)
    def export(self: Any, *args: Any, **kwargs: Any) -> Any:
        before = os.environ.get(GRAPH_IN_PIECES)
        if is_ours(self.cfg):
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
        if is_ours(config):
            config = config.copy()
            config["architecture"] = DEPLOY_ARCHITECTURE
        return stock(config, *args, **kwargs)

    return dump_infer_config
