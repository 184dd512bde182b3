"""``onnx``: convert an exported model to ONNX, by paddle2onnx."""

import argparse

DETAILS = "The opset is 17."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the exported model's folder."""
    parser.add_argument("model_dir", help="folder that the export command wrote")


def run(args: argparse.Namespace) -> None:
    """Write ``model.onnx`` into the folder."""
    from ..predict.export import write_onnx

    write_onnx(args.model_dir)
