"""The key layout of a repository's checkpoints."""

import re
from dataclasses import dataclass
from typing import Callable, Dict, Iterable, Mapping, Sequence, Tuple

Shapes = Mapping[str, Tuple[int, ...]]

#: Names of batch-norm's statistics in PyTorch, and in Paddle.
STATISTICS = {"running_mean": "_mean", "running_var": "_variance"}

Rules = Sequence[Tuple[str, str]]


@dataclass(frozen=True)
class Layout:
    """The key layout of one repository.

    Attributes:
        name: name of the repository, for messages.
        marks: key prefixes; a checkpoint of this layout has keys with each of them.
        backbone: name of our backbone that is the same network.
        rules: regular expressions and their replacements, applied in order, that
            turn a key of the repository into ours.
        configs: the config that fits, by number of joints.
        config_options: options of the backbone that those configs set to other than
            the defaults.
        evaluation: options that reproduce the repository's own figures.
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
    idle: Callable[[str, Shapes], bool] = lambda key, shapes: False

    def rename(self, key: str) -> str:
        """Rename a key as in this package; a key that no rule matches is kept."""
        for pattern, replacement in self.rules:
            key = re.sub(pattern, replacement, key)
        layer, _, last = key.rpartition(".")
        return f"{layer}.{STATISTICS.get(last, last)}"

    def fits(self, keys: Iterable[str]) -> bool:
        """Whether the keys are in this layout."""
        return all(any(key.startswith(mark) for key in keys) for mark in self.marks)
