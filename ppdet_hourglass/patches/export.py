"""The exporter's patches: an hourglass deploys as the HRNet whose outputs it has.

``_dump_infer_config`` ends the process, with status 0, for architectures that it
does not list; wrapped, it sees the ``TopDownHRNet`` of the deploy code, and the file
gets what this package's own predictor asks for.
``Trainer.export`` of PyPI's paddledet asks Paddle 3 for a graph in pieces, which it
cannot save; wrapped, it asks for a whole one.
"""

import functools
import os
from typing import Any, Callable

import ppdet.engine.trainer as trainer_module

from ..compat.architecture import is_ours
from ..keypoints.keypoint_file import read_keypoints
from ..predict.export_folder import add_own
from .wrapping import wrap

#: Architecture of the stock deploy code whose outputs the hourglass has.
DEPLOY_ARCHITECTURE = "TopDownHRNet"

#: Switch of ``paddle.jit.to_static`` where the caller does not say.
GRAPH_IN_PIECES = "ENABLE_FALL_BACK"


def install() -> None:
    """Wrap the exporter; raises ImportError as ``wrap`` does."""
    wrap(trainer_module.Trainer, "export", ["self", "output_dir"], _whole_graph)
    parameters = ["config", "path", "image_shape", "model"]
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
    def dump_infer_config(config: Any, path: str, image_shape: Any, model: Any) -> None:
        if not is_ours(config):
            return stock(config, path, image_shape, model)
        as_hrnet = config.copy()
        as_hrnet["architecture"] = DEPLOY_ARCHITECTURE
        stock(as_hrnet, path, image_shape, model)
        keypoints = read_keypoints(config["keypoints"])
        add_own(path, keypoints, model.codec)
        return None

    return dump_infer_config
