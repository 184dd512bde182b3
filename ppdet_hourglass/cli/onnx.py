"""``onnx``: convert an exported model to ONNX, by paddle2onnx."""

import argparse
import importlib.util
import logging
import os
import tempfile
from typing import Optional, Tuple

import numpy as np

from ..errors import UserError
from ..files import check_writable, write_whole
from ..predict.backends import Options, open_network
from ..predict.export_folder import ONNX, paddle_model, read_spec

logger = logging.getLogger(__name__)

OPSET = 17

#: Largest difference of a heatmap value from Paddle's.  It is relative to the highest
#: value if that exceeds 1, which a trained network's heatmaps do not.
TOLERANCE = 1e-4


DETAILS = f"The opset is {OPSET}."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the exported model's folder."""
    parser.add_argument("model_dir", help="folder that the export command wrote")


def run(args: argparse.Namespace) -> None:
    """Write ``model.onnx`` into the folder."""
    export_onnx(args.model_dir)


def export_onnx(folder: str) -> None:
    """Write ``model.onnx`` into the folder of an exported model.

    Raises:
        UserError: there is no exported model, paddle2onnx cannot convert it, or the
            heatmaps differ from Paddle's; nothing is written then.
    """
    spec = read_spec(folder)
    program, parameters = paddle_model(folder)
    check_writable(folder)
    model = _converted(program, parameters)
    with tempfile.TemporaryDirectory() as trial:
        write_whole(os.path.join(trial, ONNX), model)
        difference = _difference(folder, trial, spec.input_size)
    if difference is None:
        logger.warning("onnxruntime is not installed: the ONNX model was not run")
    elif not difference <= TOLERANCE:
        raise UserError(
            f"the ONNX model's heatmaps differ from those of {program} by "
            f"{difference:.1e}, more than {TOLERANCE:.0e}: not written"
        )
    else:
        logger.info(f"heatmaps equal Paddle's to {difference:.1e}")
    path = os.path.join(folder, ONNX)
    write_whole(path, model)
    logger.info(f"wrote {path}")


def _converted(program: str, parameters: str) -> bytes:
    import paddle

    if paddle.__version__.startswith("2."):
        raise UserError(
            f"paddle2onnx needs Paddle 3, but this is {paddle.__version__}; Paddle 3 "
            f"also converts {program}"
        )
    import paddle2onnx

    try:
        return paddle2onnx.export(program, parameters, opset_version=OPSET)
    except UnboundLocalError:
        raise UserError(f"paddle2onnx cannot convert {program}; see above") from None


def _difference(folder: str, trial: str, size: Tuple[int, int]) -> Optional[float]:
    """Difference on three crops of noise; None if ONNX Runtime is not installed."""
    if importlib.util.find_spec("onnxruntime") is None:
        return None
    noise = np.random.default_rng(0).normal(size=(3, 3, size[1], size[0]))
    inputs = noise.astype(np.float32)
    expected = open_network(folder, "paddle", Options())(inputs)
    actual = open_network(trial, "onnxruntime", Options())(inputs)
    return float(np.abs(actual - expected).max() / max(1.0, np.abs(expected).max()))
