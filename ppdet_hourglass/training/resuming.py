"""``-r auto``, ``-r FOLDER``, ``-r FILE``: the snapshot to go on from, and going on."""

import os
from typing import Any, Dict, Mapping, NamedTuple, Optional

import paddle.distributed as dist
from ppdet.utils.checkpoint import is_url
from ppdet.utils.logger import setup_logger

from ..compat.weights import (
    check_resumable,
    check_state,
    first_not_finite,
    read_state,
    stem_of,
    tensors_of,
)
from ..errors import UserError
from . import snapshot
from .snapshot import OPTIMIZER, STATE, TRAINED, WEIGHTS, Snapshot

logger = setup_logger(__name__)

#: Value of ``-r`` and of the config's ``resume``: the run's own folder.
AUTO = "auto"


class Chosen(NamedTuple):
    """A verified snapshot and its content: the states by ending of their files.

    A snapshot without a manifest is PaddleDetection's own, and has no content here.
    """

    snapshot: Optional[Snapshot]
    states: Dict[str, Any]


def choose(network: Any, wanted: str, own_folder: str) -> Optional[Chosen]:
    """The snapshot that is meant.

    Args:
        network: must fit its weights.
        wanted: ``auto``, a folder, or a snapshot's path with or without ending.
        own_folder: the run's folder, which ``auto`` means.

    Returns:
        The snapshot; None if the folder has none at all.

    Raises:
        UserError: the snapshot, or every snapshot of the folder, is incomplete,
            damaged, not finite, or of another network.
    """
    if wanted != AUTO and not os.path.isdir(wanted):
        return _named(network, wanted)
    folder = own_folder if wanted == AUTO else wanted
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
    logger.info(f"{folder} has no snapshot: training starts anew")
    return None


def _named(network: Any, wanted: str) -> Chosen:
    """The snapshot of a path."""
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
    return Chosen(None, {})


def _recover(folder: str) -> None:
    """Finish a write that was cut off, once for all processes."""
    if dist.get_rank() == 0:
        snapshot.recover(folder)
    if dist.get_world_size() > 1:
        dist.barrier()


def _read(network: Any, candidate: Snapshot) -> Chosen:
    """Verify a snapshot and read its states.

    Raises:
        UserError: a file is not whole, holds weights that are not finite, or does not
            fit the network.
    """
    wrong = snapshot.defect(candidate)
    if wrong:
        raise UserError(wrong)
    states: Dict[str, Any] = {}
    for file in candidate.facts["files"]:
        ending = os.path.splitext(file)[1]
        states[ending] = read_state(os.path.join(candidate.folder, file), "-r")
        bad = first_not_finite(states[ending])
        if bad:
            raise UserError(f"{candidate.path}{ending}: {bad} is not finite")
    check_state(network, states[WEIGHTS], candidate.path + WEIGHTS, True, "-r")
    return Chosen(candidate, states)


def put_back(trainer: Any, states: Mapping[str, Any]) -> None:
    """Give a trainer the states of a snapshot; the network must fit the weights.

    ``checkpoints.gather`` is the way there.

    Raises:
        UserError: the optimiser's state is another network's.
    """
    moments = dict(tensors_of(states[OPTIMIZER]))
    first = trainer.model.parameters()[0].name  # Paddle numbers the layers it builds
    if moments and not any(name.startswith(f"{first}_") for name in moments):
        raise UserError(f"-r: the optimiser's state has no value for parameter {first}")
    trained = states.get(TRAINED, states[WEIGHTS])
    layers = trainer.model.state_dict()
    trainer.model.set_state_dict(
        {key: trained[key].astype(layer.dtype) for key, layer in layers.items()}
    )
    state = {**trainer.optimizer.state_dict(), **states[OPTIMIZER]}
    state.pop("last_epoch")
    trainer.optimizer.set_state_dict(state)
    more = states.get(STATE, {})
    if trainer.use_ema and "average" in more:
        ema = trainer.ema
        for key, value in more["average"].items():
            if key not in ema.ema_black_list:  # those are the network's own tensors
                ema.state_dict[key] = value
        ema.step, ema.epoch = more["average_step"], more["average_epoch"]


def go_on(trainer: Any, chosen: Chosen) -> None:
    """Let a trainer go on exactly where a snapshot was written."""
    facts, states = chosen.snapshot.facts, chosen.states
    put_back(trainer, states)
    epoch, steps, before = facts["epoch"], len(trainer.loader), facts["steps_per_epoch"]
    if steps != before:
        logger.warning(
            f"an epoch had {before} steps and now has {steps} (batch size, number of "
            "processes, or data): the training is not resumed exactly"
        )
    step = facts["step"] * steps // before
    logger.info(
        f"resuming from {chosen.snapshot.path}: epoch {epoch}, after {step} of {steps} "
        "steps"
    )
    keeper = trainer.snapshots
    if step == steps:
        if trainer.cfg.get("eval") and not facts["evaluated"] and keeper.is_due(epoch):
            # The epoch is gone through again without a step, and then evaluated.
            average_once_more(trainer, states[WEIGHTS])
            keeper.saved_epoch = epoch
        else:
            epoch, step = epoch + 1, 0
    trainer.start_epoch, trainer.steps_done = epoch, step
    if trainer.cfg["seed"] != facts["seed"]:
        logger.info(f"seed: {facts['seed']}, as in the snapshot")
        trainer.cfg["seed"] = facts["seed"]
    keeper.newest = chosen.snapshot.path
    keeper.scaler_state = states.get(STATE, {}).get("scaler")
    keeper.restore(facts)


def average_once_more(trainer: Any, weights: Mapping[str, Any]) -> None:
    """Let the next ``ema.apply()`` return a snapshot's averaged weights.

    PaddleDetection calls it before an evaluation.  It was called before the snapshot
    was written, and each call counts.
    """
    if trainer.use_ema:

        def apply() -> Dict[str, Any]:
            del trainer.ema.apply
            return dict(weights)

        trainer.ema.apply = apply
