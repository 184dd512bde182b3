"""``onnx``: convert an exported model to ONNX, by paddle2onnx."""

import argparse
import logging
import os

from ..files import write_whole
from ..predict.export_folder import ONNX
from ..predict.onnx_conversion import OPSET, to_onnx

logger = logging.getLogger(__name__)

DETAILS = f"The opset is {OPSET}."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the exported model's folder."""
    parser.add_argument("model_dir", help="folder that the export command wrote")


def run(args: argparse.Namespace) -> None:
    """Write ``model.onnx`` into the folder."""
    path = os.path.join(args.model_dir, ONNX)
    write_whole(path, to_onnx(args.model_dir))
    logger.info(f"wrote {path}")
