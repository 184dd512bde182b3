"""``onnx``: convert an exported model to ONNX, by paddle2onnx."""

import argparse
import logging
import os

from ..files import check_writable, write_whole
from ..predict.export_folder import ONNX
from ..predict.onnx_conversion import OPSET, to_onnx

logger = logging.getLogger(__name__)

DETAILS = f"The opset is {OPSET}."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the exported model's folder."""
    parser.add_argument("model_dir", help="folder that the export command wrote")


def run(args: argparse.Namespace) -> None:
    """Write ``model.onnx`` into the folder."""
    write_onnx(args.model_dir)


def write_onnx(folder: str) -> None:
    """Convert the exported model of a folder; the result goes into the same folder."""
    check_writable(folder)
    path = os.path.join(folder, ONNX)
    write_whole(path, to_onnx(folder))
    logger.info(f"wrote {path}")
