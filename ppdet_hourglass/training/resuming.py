"""``-r auto``, ``-r FOLDER``, ``-r FILE``: find the snapshot and resume from it."""

import os
from typing import Any, Dict, Mapping, NamedTuple, Optional, Sequence

from ppdet.utils.logger import setup_logger

from ..compat.weights import (
    check_state,
    first_not_finite,
    read_state,
    stem_of,
    tensors_of,
)
from ..errors import UserError
from . import snapshot
from .snapshot import MANIFEST, OPTIMIZER, STATE, TRAINED, WEIGHTS, Snapshot

logger = setup_logger(__name__)

#: Value of ``-r`` and of the config's ``resume``: the run's own folder.
AUTO = "auto"


class Chosen(NamedTuple):
    """A verified snapshot and its content: the states by ending of their files."""

    snapshot: Snapshot
    states: Dict[str, Any]


def choose(network: Any, wanted: str, own_folder: str) -> Optional[Chosen]:
    """Find the snapshot to resume from, which must fit the network.

    Args:
        network: the network.
        wanted: ``auto``, a folder, or a snapshot's path with or without ending.
        own_folder: the run's folder, which ``auto`` means.

    Returns:
        The snapshot; None if the folder has none at all.

    Raises:
        UserError: the snapshot, or every snapshot of the folder, is incomplete,
            damaged, not finite, or of another network.
    """
    is_folder = wanted == AUTO or os.path.isdir(wanted)
    path = own_folder if wanted == AUTO else wanted
    folder, name = (path, "") if is_folder else os.path.split(stem_of(path))
    if not is_folder:
        try:
            if os.path.exists(stem_of(path) + MANIFEST):
                return _read(network, snapshot.read(folder or ".", name))
            return _read_stock(network, folder, name)
        except UserError as error:
            remedy = "to start from weights alone use -o pretrain_weights=FILE"
            raise UserError(f"-r {wanted}: {error}; {remedy}") from None
    found, refused = snapshot.snapshots(folder)
    for candidate in found:
        try:
            chosen = _read(network, candidate)
        except UserError as error:
            refused[candidate.name] = str(error)
            continue
        for refused_name, reason in refused.items():
            logger.warning(f"snapshot {refused_name} is refused: {reason}")
        return chosen
    if refused:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in refused.items())
        remedy = "to start from scratch, use another save_dir or move them away"
        raise UserError(f"no snapshot in {folder} can be resumed: {reasons}; {remedy}")
    logger.info(f"{folder} has no snapshot: training starts from scratch")
    return None


def _read(network: Any, candidate: Snapshot) -> Chosen:
    """Verify a snapshot and read it."""
    wrong = snapshot.defect(candidate)
    if wrong:
        raise UserError(wrong)
    endings = [os.path.splitext(file)[1] for file in candidate.facts["files"]]
    return Chosen(candidate, _states(network, candidate.path, endings))


def _read_stock(network: Any, folder: str, name: str) -> Chosen:
    """Read a snapshot of PaddleDetection's own trainer: the end of an epoch."""
    path = os.path.join(folder, name)
    averaged = os.path.exists(path + TRAINED)
    endings = [WEIGHTS, OPTIMIZER, *([TRAINED] if averaged else [])]
    states = _states(network, path, endings)
    epochs = states[OPTIMIZER].get("last_epoch", 0)
    if averaged:
        steps = states[OPTIMIZER].get("LR_Scheduler", {}).get("last_epoch", 0)
        more = {"average": states[WEIGHTS], "average_step": steps, "average_epoch": 0}
        states[STATE] = more
    logger.warning(
        f"-r {path}: there is no manifest, so neither complete files nor the order of "
        "the people can be verified: the run is not resumed exactly"
    )
    facts = {"epoch": epochs - 1, "step": 1, "steps_per_epoch": 1, "evaluated": True}
    return Chosen(Snapshot(folder, name, facts), states)


def _states(network: Any, path: str, endings: Sequence[str]) -> Dict[str, Any]:
    """Read the files of a snapshot, whose weights must fit the network."""
    states: Dict[str, Any] = {}
    for ending in endings:
        states[ending] = read_state(path + ending, "-r")
        bad = first_not_finite(states[ending])
        if bad:
            raise UserError(f"{path}{ending}: {bad} is not finite")
    check_state(network, states[WEIGHTS], path + WEIGHTS, True, "-r")
    return states


def put_back(trainer: Any, states: Mapping[str, Any]) -> None:
    """Give a trainer the states of a snapshot, which ``checkpoints.gather`` took."""
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
    """Let a trainer continue exactly where a snapshot was written."""
    facts, states = chosen.snapshot.facts, chosen.states
    put_back(trainer, states)
    epoch, steps, before = facts["epoch"], len(trainer.loader), facts["steps_per_epoch"]
    if steps != before and "seed" in facts:
        logger.warning(
            f"an epoch had {before} steps and now has {steps} (batch size, number of "
            "processes, or data): the run is not resumed exactly"
        )
    step = facts["step"] * steps // before
    logger.info(
        f"resuming from {chosen.snapshot.path}: epoch {epoch}, after {step} of {steps} "
        "steps"
    )
    keeper = trainer.snapshots
    if step == steps:
        if trainer.cfg.get("eval") and not facts["evaluated"] and keeper.is_due(epoch):
            # The epoch runs again without a step, and is then evaluated.
            average_once_more(trainer, states[WEIGHTS])
            keeper.saved_epoch = epoch
        else:
            epoch, step = epoch + 1, 0
    trainer.start_epoch, trainer.steps_done = epoch, step
    if trainer.cfg["seed"] != facts.get("seed", trainer.cfg["seed"]):
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
