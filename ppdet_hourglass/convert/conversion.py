"""Converting a public PyTorch checkpoint to this package's weights."""

import io
import logging
from typing import List

import numpy as np
import paddle

from ..errors import UserError
from ..files import write_whole
from .checkpoint import read_checkpoint
from .layouts import Conversion, convert, unwrap
from .network import build_with_weights, fitting_config, verify

logger = logging.getLogger(__name__)


def convert_checkpoint(source: str, out: str, verified: bool = False) -> List[str]:
    """Convert a checkpoint of a repository in ``LAYOUTS``; log each key's new name.

    Args:
        source: the PyTorch checkpoint.
        out: the ``.pdparams`` file to write.
        verified: whether to run the network once on what is written.

    Returns:
        Path of the config that fits, then ``KEY=VALUE`` for each option to add to it.

    Raises:
        UserError: the checkpoint cannot be read or does not fit, or ``out`` cannot be
            written.
        ModuleNotFoundError: PyTorch is not installed.
    """
    paddle.set_device("cpu")
    state, others = read_checkpoint(source)
    try:
        state, wrappers = unwrap(state)
        conversion = convert(state)
        architecture, network = build_with_weights(conversion)
        _log(conversion, wrappers, others)
        if verified:
            verify(network, architecture.num_joints)
    except UserError as error:
        raise UserError(f"checkpoint {source}: {error}") from None
    buffer = io.BytesIO()
    paddle.save(network.state_dict(), buffer)
    write_whole(out, buffer.getvalue())
    return fitting_config(conversion.layout, architecture)


def _log(conversion: Conversion, wrappers: str, others: List[str]) -> None:
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
