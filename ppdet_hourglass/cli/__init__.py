"""``python -m ppdet_hourglass COMMAND`` and ``ppdet-hourglass COMMAND``.

Each command is a module with ``HELP``, ``add_arguments(parser)`` and ``run(args)``.
Slow imports belong into ``run``, so that ``--help`` is quick.
"""

import argparse
import os
from typing import List, Optional

from .. import __version__
from . import (
    convert,
    eval,
    export,
    grid,
    infer,
    install,
    labelme,
    onnx,
    prepare_mpii,
    runner,
    sample,
    train,
    uninstall,
)

COMMANDS = {
    "train": train,
    "eval": eval,
    "infer": infer,
    "export": export,
    "onnx": onnx,
    "convert": convert,
    "prepare-mpii": prepare_mpii,
    "labelme": labelme,
    "sample": sample,
    "grid": grid,
    "install": install,
    "uninstall": uninstall,
}


def parse(argv: Optional[List[str]] = None) -> argparse.Namespace:
    """Parse a command line; by default, the process's own."""
    parser = argparse.ArgumentParser(
        prog="ppdet-hourglass",
        description="Stacked hourglass pose estimation for PaddleDetection.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        command = commands.add_parser(
            name,
            help=module.HELP.splitlines()[0].rstrip("."),
            description=module.HELP,
            epilog=getattr(module, "EPILOGUE", None),
        )
        module.add_arguments(command)
    return parser.parse_args(argv)


def main(argv: Optional[List[str]] = None) -> int:
    """Run a command line, by default the process's own; return the exit status."""
    args = parse(argv)
    # On CPUs, Paddle's dynamic graph trains twice as fast with one OpenMP thread as
    # with two, but predicts faster with one per core.
    runner.set_up_process(threads=1 if args.command == "train" else os.cpu_count() or 1)
    with runner.quiet():
        runner.show_log()
        return runner.guarded(lambda: COMMANDS[args.command].run(args))
