"""``python -m ppdet_hourglass COMMAND`` and ``ppdet-hourglass COMMAND``.

Each command is a module with ``add_arguments(parser)`` and ``run(args)``, and perhaps
``DETAILS`` for its ``--help``.  It is imported when its command is given, so that no
command waits for another's imports.
"""

import argparse
import importlib
import sys
from typing import Any, List, Optional

from .. import __version__
from ..compat.processor import usable_cores
from . import runner

#: Commands and what they do; the module of ``prepare-mpii`` is ``prepare_mpii``.
COMMANDS = {
    "train": "Train with PaddleDetection's trainer.",
    "eval": "Evaluate the config's `weights` with PaddleDetection.",
    "infer": "Predict people's poses.",
    "export": "Export the config's `weights` for deployment.",
    "onnx": "Convert an exported model to model.onnx in the same folder.",
    "convert": "Convert a public PyTorch checkpoint.",
    "prepare": "Cut the training people out once, for faster training.",
    "check-data": "Check a config's people and pictures for faults.",
    "prepare-mpii": "Prepare MPII's own annotation file.",
    "labelme": "Convert labelme's files to train.json and val.json in COCO's layout.",
    "sample": "Draw a data set of sample people, in MPII's layout.",
    "grid": "Draw predictions beside the ground truth, as one picture.",
    "report": "Write a page about an evaluation: figures, causes of errors, people.",
    "browse": "Write a page about the data that a config trains on.",
    "web": "Serve a local page to try a network on pictures.",
    "install": "Copy the configs into a PaddleDetection checkout.",
    "uninstall": "Remove the configs from a PaddleDetection checkout.",
}


def parse(argv: Optional[List[str]] = None) -> argparse.Namespace:
    """Parse a command line; by default, the process's own."""
    argv = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(
        prog="ppdet-hourglass",
        description="Stacked hourglass pose estimation for PaddleDetection.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        command = commands.add_parser(name, help=text.rstrip("."), description=text)
        if name == next(iter(argv), None):
            module = _module(name)
            command.description += f" {getattr(module, 'DETAILS', '')}"
            module.add_arguments(command)
    return parser.parse_args(argv)


def _module(command: str) -> Any:
    return importlib.import_module(f".{command.replace('-', '_')}", __name__)


def main(argv: Optional[List[str]] = None) -> int:
    """Run a command line, by default the process's own; return the exit status."""
    args = parse(argv)
    # On CPUs, Paddle's dynamic graph trains twice as fast with one OpenMP thread as
    # with two, but predicts faster with one per core.
    runner.set_up_process(threads=1 if args.command == "train" else usable_cores())
    with runner.quiet():
        runner.show_log()
        return runner.guarded(lambda: _module(args.command).run(args))
