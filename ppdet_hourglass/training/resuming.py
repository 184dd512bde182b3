"""``-r auto``, ``-r FOLDER``, ``-r FILE``: the snapshot to go on from."""

import os
from typing import Any, Callable, Dict, NamedTuple, Optional

import paddle.distributed as dist
from ppdet.utils.checkpoint import is_url
from ppdet.utils.logger import setup_logger

from ..compat.weights import check_resumable, check_state, stem_of
from ..errors import UserError
from . import snapshot
from .checkpointer import SnapshotKeeper
from .sample_order import SampleOrder
from .snapshot import Snapshot
from .state import average_once_more, put_back, read_states

logger = setup_logger(__name__)

#: Value of ``-r`` and of the config's ``resume``: the training's own folder.
AUTO = "auto"


class Chosen(NamedTuple):
    """A verified snapshot and its content."""

    snapshot: Snapshot
    states: Dict[str, Any]


def resume(trainer: Any, wanted: str, stock: Callable[[Any, str], Any]) -> bool:
    """Let a trainer go on from a snapshot.

    Args:
        trainer: PaddleDetection's trainer.
        wanted: ``auto``, a folder, or a snapshot's path with or without ending.
        stock: PaddleDetection's ``resume_weights``, for snapshots without a manifest.

    Returns:
        Whether there was a snapshot; False if the folder has none at all.

    Raises:
        UserError: the snapshot, or every snapshot of the folder, is incomplete,
            damaged, not finite, or of another network.
    """
    keeper = callback_of(trainer, SnapshotKeeper)
    if wanted == AUTO or os.path.isdir(wanted):
        folder = keeper.save_dir if wanted == AUTO else wanted
        chosen = _newest(trainer.model, folder)
        if chosen is None:
            logger.info(f"{folder} has no snapshot: training starts anew")
            return False
    else:
        chosen = _named(trainer.model, wanted)
    if chosen is None:
        stock(trainer, wanted)
        keeper.newest = wanted
        keeper.restore({})
    else:
        _go_on(trainer, chosen, keeper)
    return True


def callback_of(trainer: Any, kind: type) -> Any:
    """The trainer's callback of a class."""
    return next(c for c in trainer._callbacks if isinstance(c, kind))


def _newest(network: Any, folder: str) -> Optional[Chosen]:
    """The newest snapshot of a folder that can be resumed; None if it has none."""
    _recover(folder)
    found, refused = snapshot.snapshots(folder)
    for candidate in found:
        try:
            chosen = _read(network, candidate)
        except UserError as error:
            refused[candidate.name] = str(error)
            continue
        for name, reason in refused.items():
            logger.warning(f"snapshot {name} is refused: {reason}")
        return chosen
    if refused:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in refused.items())
        raise UserError(
            f"no snapshot in {folder} can be resumed: {reasons}; to start anew, use "
            "another save_dir or move these files away"
        )
    return None


def _recover(folder: str) -> None:
    """Finish a write that was cut off, once for all processes."""
    if dist.get_rank() == 0:
        snapshot.recover(folder)
    if dist.get_world_size() > 1:
        dist.barrier()


def _read(network: Any, candidate: Snapshot) -> Chosen:
    wrong = snapshot.defect(candidate)
    if wrong:
        raise UserError(wrong)
    states = read_states(candidate)
    weights = states[snapshot.WEIGHTS]
    check_state(network, weights, candidate.path + snapshot.WEIGHTS, True, "-r")
    return Chosen(candidate, states)


def _named(network: Any, wanted: str) -> Optional[Chosen]:
    """The snapshot of a path; None if it is the stock trainer's, without a manifest."""
    stem = stem_of(wanted)
    if not is_url(wanted):
        folder, name = os.path.split(stem)
        _recover(folder or ".")
        if os.path.exists(stem + snapshot.MANIFEST):
            try:
                return _read(network, snapshot.read(folder or ".", name))
            except UserError as error:
                raise UserError(
                    f"-r {wanted}: {error}; to start from weights alone use -o "
                    "pretrain_weights=FILE"
                ) from None
    check_resumable(network, wanted)
    logger.warning(
        f"-r {wanted}: there is no manifest, so that nothing tells whether its files "
        "are whole, nor the order of the people: the training is not resumed exactly"
    )
    return None


def _go_on(trainer: Any, chosen: Chosen, keeper: SnapshotKeeper) -> None:
    facts = chosen.snapshot.facts
    put_back(trainer, chosen.states)
    epoch, step = facts["epoch"], _step(trainer, facts)
    pending = trainer.cfg.get("eval") and not facts["evaluated"]
    pending = pending and keeper.is_due(epoch)
    at_end = step == len(trainer.loader)
    logger.info(
        f"resuming from {chosen.snapshot.path}: epoch {epoch}, after {step} of "
        f"{len(trainer.loader)} steps"
    )
    if at_end and pending:
        # The epoch is gone through again without a step, and then evaluated.
        average_once_more(trainer, chosen.states)
        keeper.saved_epoch = epoch
    elif at_end:
        epoch, step = epoch + 1, 0
    trainer.start_epoch = epoch
    callback_of(trainer, SampleOrder).skipped = step
    if trainer.cfg["seed"] != facts["seed"]:
        logger.info(f"seed: {facts['seed']}, as in the snapshot")
        trainer.cfg["seed"] = facts["seed"]
    keeper.newest = chosen.snapshot.path
    keeper.scaler_state = chosen.states.get(snapshot.STATE, {}).get("scaler")
    keeper.restore(facts)


def _step(trainer: Any, facts: Dict[str, Any]) -> int:
    """Steps of the epoch that are done, in steps of the present batch size."""
    steps, before = len(trainer.loader), facts["steps_per_epoch"]
    if steps != before:
        logger.warning(
            f"an epoch had {before} steps and now has {steps} (batch size, number of "
            "processes, or data): the training is not resumed exactly"
        )
    return facts["step"] * steps // before
