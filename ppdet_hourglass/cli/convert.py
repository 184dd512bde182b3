"""``convert``: public PyTorch checkpoints for this package."""

import argparse
import io
import logging
import os
import shlex
from typing import Any, Dict, List

import numpy as np

from ..errors import UserError
from ..files import write_whole

logger = logging.getLogger(__name__)

EXTENSION = ".pdparams"

#: Side in pixels of the image that ``--verify`` feeds.
VERIFIED_SIZE = 256


HELP = (
    "Convert a public PyTorch checkpoint.\n\n"
    "It reads hourglass checkpoints of mmpose (0.x or 1.x), bearpaw/pytorch-pose, "
    "anibali/pytorch-stacked-hourglass and princeton-vl/pytorch_stacked_hourglass, "
    "which it recognises by their keys, and prints what became of every key, and the "
    "config that fits."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add checkpoint and output."""
    parser.add_argument("source", metavar="SOURCE", help="PyTorch checkpoint")
    parser.add_argument(
        "out",
        metavar="OUT.pdparams",
        help="file to write, whole or not at all; an existing one is kept unless "
        "--overwrite is given",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace OUT if it exists"
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="read back what is written, run the network on a seeded random image and "
        "require finite heatmaps of the right size from each stack; needs no data, and "
        "does not compare with PyTorch's network",
    )


def run(args: argparse.Namespace) -> None:
    """Convert as the flags say.

    Raises:
        UserError: unusable SOURCE or OUT.
    """
    _check_out(args.out, args.overwrite)
    from ..convert.checkpoint import read_checkpoint

    state, others = read_checkpoint(args.source)
    try:
        content, hint = _converted(state, others, args.verify)
    except UserError as error:
        raise UserError(f"checkpoint {args.source}: {error}") from None
    write_whole(args.out, content)
    logger.info(
        f"wrote {args.out}; evaluate: python tools/eval.py -c {hint[0]} -o "
        + " ".join(shlex.quote(option) for option in [*hint[1:], f"weights={args.out}"])
    )


def _converted(state: Dict[str, np.ndarray], others: List[str], verified: bool) -> Any:
    """The bytes of OUT, and the config and options that fit."""
    import paddle

    from ..convert.conversion import convert, unwrap
    from ..convert.network import build, build_with_weights, fitting_config, heatmaps

    paddle.set_device("cpu")
    state, wrappers = unwrap(state)
    conversion = convert(state)
    architecture, network = build_with_weights(conversion)
    _report(conversion, wrappers, others)
    buffer = io.BytesIO()
    paddle.save(network.state_dict(), buffer)
    content = buffer.getvalue()
    if verified:
        again = build(architecture)
        again.set_state_dict(paddle.load(io.BytesIO(content)))
        size = (1, 3, VERIFIED_SIZE, VERIFIED_SIZE)
        image = np.random.default_rng(0).standard_normal(size).astype(np.float32)
        check_heatmaps(heatmaps(again, image), architecture.num_joints)
    return content, fitting_config(conversion.layout, architecture)


def check_heatmaps(stacks: List[np.ndarray], joints: int) -> None:
    """Refuse heatmaps that are not finite or not (1, K, H/4, W/4).

    Raises:
        UserError: which stack's.
    """
    side = VERIFIED_SIZE // 4
    for number, heatmap in enumerate(stacks, start=1):
        if heatmap.shape != (1, joints, side, side) or not np.isfinite(heatmap).all():
            raise UserError(
                f"--verify: heatmaps of stack {number} must be finite, of shape "
                f"{(1, joints, side, side)}, but got {heatmap.shape} between "
                f"{heatmap.min()} and {heatmap.max()}"
            )
    logger.info(f"verified: {len(stacks)} stacks give finite heatmaps {side}x{side}")


def _report(conversion: Any, wrappers: str, others: List[str]) -> None:
    """Log what became of every key, and what else was in the file."""
    for ours, source in conversion.sources.items():
        logger.info(f"{source} -> {ours} {list(np.shape(conversion.weights[ours]))}")
    for source in conversion.dropped:
        logger.info(f"{source} has no counterpart: no forward pass uses it")
    if wrappers:
        logger.info(f"keys began with {wrappers}, left away above")
    if others:
        logger.info(f"not converted, no weights: {', '.join(others)}")
    logger.info(
        f"{conversion.layout.name}: {len(conversion.sources)} keys used, "
        f"{len(conversion.dropped)} without counterpart"
    )


def _check_out(out: str, overwrite: bool) -> None:
    if not out.endswith(EXTENSION):
        raise UserError(f"OUT must end in {EXTENSION}, but got {out}")
    if os.path.exists(out) and not overwrite:
        raise UserError(f"{out} exists: add --overwrite to replace it")
