"""What is known of a repository's checkpoints."""

import re
from dataclasses import dataclass
from typing import Callable, Dict, Mapping, Sequence, Tuple

Shapes = Mapping[str, Tuple[int, ...]]

#: Batch-norm's statistics: their names in PyTorch and in Paddle.
STATISTICS = {"running_mean": "_mean", "running_var": "_variance"}

#: PyTorch's count of training steps per batch-norm; Paddle keeps none.
STEP_COUNT = ".num_batches_tracked"

Rules = Sequence[Tuple[str, str]]


def none_idle(key: str, shapes: Shapes) -> bool:
    """For layouts whose every layer takes part in the forward pass."""
    return False


@dataclass(frozen=True)
class Layout:
    """The key layout of one repository.

    Attributes:
        name: of the repository, as messages show it.
        marks: beginnings of keys; a checkpoint of this layout has one key at least
            for each.
        backbone: the backbone of this package that is the same network.
        rules: regular expressions and their replacements, applied in order, that
            turn a key of the repository into ours.
        configs: the config that fits, by number of joints.
        config_options: the backbone's options that those configs set beside the
            backbone's defaults.
        evaluation: options with which the repository's own figures are had.
        idle: whether a key belongs to a layer that the repository's forward pass
            never runs.
    """

    name: str
    marks: Tuple[str, ...]
    backbone: str
    rules: Rules
    configs: Dict[int, str]
    config_options: Dict[str, object]
    evaluation: Tuple[str, ...] = ()
    idle: Callable[[str, Shapes], bool] = none_idle

    def rename(self, key: str) -> str:
        """Our name of a key; a key that no rule knows keeps its own."""
        for pattern, replacement in self.rules:
            key = re.sub(pattern, replacement, key)
        layer, _, last = key.rpartition(".")
        return f"{layer}.{STATISTICS.get(last, last)}"

    def fits(self, keys: Sequence[str]) -> bool:
        """Whether the keys are of this layout."""
        return all(any(key.startswith(mark) for key in keys) for mark in self.marks)

    def has_counterpart(self, key: str, shapes: Shapes) -> bool:
        """Whether the network of this package keeps such a value at all."""
        return not (key.endswith(STEP_COUNT) or self.idle(key, shapes))
