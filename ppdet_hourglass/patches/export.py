"""Patches of the exporter: an hourglass deploys as the HRNet whose outputs it has.

``_dump_infer_config`` ends the process, with status 0, for architectures that it
does not list.  Patched, it sees the deploy code's ``TopDownHRNet``, and the file also
gets what this package's own predictor needs.
``Trainer.export`` of PyPI's paddledet asks Paddle 3 for a graph in pieces, which
Paddle cannot save.  Patched, it asks for a whole one.
"""

import os
from typing import Any, Callable

import ppdet.engine.trainer as trainer_module

from ..compat.stock import is_ours
from ..keypoints.keypoint_file import read_keypoints
from ..predict.export_folder import add_own
from .wrapping import wrap

#: Architecture of the stock deploy code whose outputs the hourglass has.
DEPLOY_ARCHITECTURE = "TopDownHRNet"

#: Environment variable that lets ``paddle.jit.to_static`` break up a graph.
GRAPH_IN_PIECES = "ENABLE_FALL_BACK"


def install() -> None:
    """Wrap the exporter; raises ImportError as ``wrap`` does."""
    wrap(trainer_module.Trainer, "export", ["self", "output_dir"], _export)
    parameters = ["config", "path", "image_shape", "model"]
    wrap(trainer_module, "_dump_infer_config", parameters, _dump_infer_config)


def _export(stock: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    before = os.environ.get(GRAPH_IN_PIECES)
    if is_ours(self.cfg):
        os.environ[GRAPH_IN_PIECES] = "False"
    try:
        return stock(self, *args, **kwargs)
    finally:
        os.environ.pop(GRAPH_IN_PIECES, None)
        if before is not None:
            os.environ[GRAPH_IN_PIECES] = before


def _dump_infer_config(
    stock: Callable[..., Any], config: Any, path: str, image_shape: Any, model: Any
) -> None:
    if not is_ours(config):
        stock(config, path, image_shape, model)
        return
    as_hrnet = config.copy()
    as_hrnet["architecture"] = DEPLOY_ARCHITECTURE
    stock(as_hrnet, path, image_shape, model)
    add_own(path, read_keypoints(config["keypoints"]), model.codec)
