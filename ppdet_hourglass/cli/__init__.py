"""``python -m ppdet_hourglass COMMAND`` and ``ppdet-hourglass COMMAND``.

Each command is a pair of functions, ``add_COMMAND(parser)`` for its options and
``run_COMMAND(args)``.  A command imports only its own module, so it does not wait for
the imports of others.
"""

import argparse
import difflib
import importlib
import sys
from typing import Any, Callable, List, Optional

from .. import __version__
from ..compat.processor import usable_cores
from . import runner

#: Commands, their modules, and what they do.
COMMANDS = {
    "train": ("train_eval", "Train with PaddleDetection's trainer."),
    "eval": ("train_eval", "Evaluate the config's `weights` with PaddleDetection."),
    "infer": ("infer_web", "Predict people's poses."),
    "export": ("deploy", "Export the config's `weights` for deployment."),
    "onnx": ("deploy", "Convert an exported model to model.onnx in the same folder."),
    "convert": ("deploy", "Convert a public PyTorch checkpoint."),
    "prepare": ("datasets", "Crop the training people once, for faster training."),
    "check-data": ("datasets", "Check a config's annotations and images for faults."),
    "prepare-mpii": ("datasets", "Prepare MPII's own annotation file."),
    "labelme": (
        "datasets",
        "Convert labelme files to train.json and val.json in COCO's layout.",
    ),
    "sample": ("datasets", "Generate a data set of sample people in MPII's layout."),
    "report": (
        "pages",
        "Write a page about an evaluation: figures, causes of errors, people.",
    ),
    "browse": ("pages", "Write a page that shows a config's training data."),
    "web": ("infer_web", "Serve a local page to try a network on images."),
    "install": ("install", "Copy the configs into a PaddleDetection checkout."),
    "uninstall": ("install", "Remove the configs from a PaddleDetection checkout."),
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
    for name, (_, text) in COMMANDS.items():
        command = commands.add_parser(name, help=text.rstrip("."), description=text)
        if argv[:1] == [name]:
            function("add", name)(command)
    if argv and not argv[0].startswith("-") and argv[0] not in COMMANDS:
        near = difflib.get_close_matches(argv[0], COMMANDS, 1)
        if near:
            parser.error(f"there is no command {argv[0]!r}: did you mean {near[0]!r}?")
    return parser.parse_args(argv)


def function(kind: str, command: str) -> Callable[..., Any]:
    """Import a command's function ``add_COMMAND`` or ``run_COMMAND``."""
    module = importlib.import_module(f".{COMMANDS[command][0]}", __name__)
    return getattr(module, f"{kind}_{command.replace('-', '_')}")


def main(argv: Optional[List[str]] = None) -> int:
    """Run a command line, by default the process's own; return the exit status."""
    args = parse(argv)
    # On CPUs, Paddle's dynamic graph trains twice as fast with one OpenMP thread as
    # with two, but predicts faster with one per core.
    runner.set_up_process(threads=1 if args.command == "train" else usable_cores())
    with runner.quiet():
        runner.show_log()
        return runner.run_guarded(lambda: function("run", args.command)(args))
