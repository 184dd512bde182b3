"""What a training needs to go on exactly where it was: gathered, and put back."""

import os
from typing import Any, Dict, Mapping, Optional

from ..compat.weights import first_not_finite, read_state, tensors_of
from ..errors import UserError
from .snapshot import OPTIMIZER, STATE, TRAINED, WEIGHTS, Snapshot

#: Copies of the weights in a snapshot: Adam has two moments, others mostly one.
ADAM_COPIES, OTHER_COPIES, AVERAGE_COPIES = 3, 2, 2


def gather(
    trainer: Any, epochs: int, trained: Optional[Mapping[str, Any]], scaler: Any
) -> Dict[str, Any]:
    """The states of a snapshot, by ending of their files.

    Args:
        trainer: PaddleDetection's trainer.
        epochs: number of complete epochs, from which a stock ``-r`` goes on.
        trained: the trained weights while the network has the averaged ones; else None.
        scaler: the gradient scaler of mixed precision, or None.
    """
    weights = trainer.model.state_dict()
    states = {WEIGHTS: weights}
    if trained is not None:  # the stock names, which seem exchanged
        states[TRAINED] = trained
    states[OPTIMIZER] = {**trainer.optimizer.state_dict(), "last_epoch": epochs}
    more: Dict[str, Any] = {}
    if trainer.use_ema:
        ema = trainer.ema
        more["average"] = dict(ema.state_dict)
        more["average_step"], more["average_epoch"] = ema.step, ema.epoch
    if scaler is not None and scaler.state_dict():
        more["scaler"] = scaler.state_dict()
    return {**states, STATE: more} if more else states


def read_states(snapshot: Snapshot) -> Dict[str, Any]:
    """The states of a snapshot, by ending of their files.

    Raises:
        UserError: a file cannot be read, or holds weights that are not finite.
    """
    states = {}
    for file in snapshot.facts["files"]:
        path = os.path.join(snapshot.folder, file)
        states[os.path.splitext(file)[1]] = read_state(path, "-r")
    for ending, state in states.items():
        bad = first_not_finite(state)
        if bad:
            raise UserError(f"{snapshot.path}{ending}: {bad} is not finite")
    return states


def put_back(trainer: Any, states: Mapping[str, Any]) -> None:
    """Give a trainer the states of a snapshot; the network must fit the weights.

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


def average_once_more(trainer: Any, states: Mapping[str, Any]) -> None:
    """Let the next ``ema.apply()`` return the averaged weights of the snapshot.

    The trainer calls it before an evaluation.  It was called before the snapshot was
    written, and each call counts.
    """
    if trainer.use_ema:

        def apply() -> Dict[str, Any]:
            del trainer.ema.apply
            return dict(states[WEIGHTS])

        trainer.ema.apply = apply


def expected_bytes(trainer: Any) -> int:
    """About the size of a snapshot, before there is one."""
    adam = "Adam" in type(trainer.optimizer).__name__
    copies = ADAM_COPIES if adam else OTHER_COPIES
    copies += AVERAGE_COPIES if trainer.use_ema else 0
    return copies * size_of(trainer.model.state_dict())


def size_of(state: Mapping[str, Any]) -> int:
    """Bytes of the tensors in a state."""
    return sum(t.size * t.element_size() for _, t in tensors_of(state))
