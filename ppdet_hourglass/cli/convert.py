"""``convert``: turn public PyTorch checkpoints into this package's weights."""

import argparse
import io
import logging
import os
import shlex
from typing import Any, Dict, List

import numpy as np

from ..compat.state_file import PDPARAMS
from ..errors import UserError
from ..files import check_file_writable, write_whole

logger = logging.getLogger(__name__)

DETAILS = (
    "It reads hourglass checkpoints of mmpose (0.x or 1.x), bearpaw/pytorch-pose, "
    "anibali/pytorch-stacked-hourglass and princeton-vl/pytorch_stacked_hourglass, "
    "recognised by their keys, and prints the new name of every key and the config to "
    "use."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add checkpoint and output."""
    parser.add_argument("source", metavar="SOURCE", help="PyTorch checkpoint")
    parser.add_argument(
        "out",
        metavar=f"OUT{PDPARAMS}",
        help="file to write; it must not exist unless --overwrite is given",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace OUT if it exists"
    )
    parser.add_argument(
        "--verify",
        action="store_true",
        help="read the converted weights back, run the network on a random image of "
        "a fixed seed, and require finite heatmaps of the right size from each stack; "
        "needs no data, and does not compare with PyTorch's network",
    )


def run(args: argparse.Namespace) -> None:
    """Convert SOURCE and write OUT."""
    if not args.out.endswith(PDPARAMS):
        raise UserError(f"OUT must end in {PDPARAMS}, but got {args.out}")
    if os.path.exists(args.out) and not args.overwrite:
        raise UserError(f"{args.out} exists: add --overwrite to replace it")
    check_file_writable(args.out)
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
    """Return the bytes of OUT, and the matching config and options."""
    import paddle

    from ..convert.conversion import convert, unwrap
    from ..convert.network import build_with_weights, fitting_config
    from ..convert.verification import verify

    paddle.set_device("cpu")
    state, wrappers = unwrap(state)
    conversion = convert(state)
    architecture, network = build_with_weights(conversion)
    _report(conversion, wrappers, others)
    buffer = io.BytesIO()
    paddle.save(network.state_dict(), buffer)
    content = buffer.getvalue()
    if verified:
        verify(content, architecture)
    return content, fitting_config(conversion.layout, architecture)


def _report(conversion: Any, wrappers: str, others: List[str]) -> None:
    """Log the new name of every key, and what else the file holds."""
    for ours, source in conversion.sources.items():
        logger.info(f"{source} -> {ours} {list(np.shape(conversion.weights[ours]))}")
    for source in conversion.dropped:
        logger.info(f"{source} has no counterpart: no forward pass uses it")
    if wrappers:
        logger.info(f"keys began with {wrappers}, omitted above")
    if others:
        logger.info(f"not converted, not weights: {', '.join(others)}")
    logger.info(
        f"{conversion.layout.name}: {len(conversion.sources)} keys used, "
        f"{len(conversion.dropped)} without counterpart"
    )
