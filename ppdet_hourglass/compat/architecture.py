"""Which configs, and which of their data sets, are this package's."""

from typing import Any

#: Architectures of this package, as configs name them.
ARCHITECTURES = ("TopDownHourglass",)

#: Attribute of data sets that a config of this package reads.
CLAIM = "_read_for_hourglass"


def is_ours(config: Any) -> bool:
    """Whether a config trains one of this package's architectures."""
    return config.get("architecture") in ARCHITECTURES


def claim_datasets(config: Any) -> None:
    """Mark the data sets of a config of this package, for :func:`is_claimed`."""
    for name in ("TrainDataset", "EvalDataset", "TestDataset"):
        if is_ours(config) and hasattr(config.get(name), "get_anno"):
            setattr(config[name], CLAIM, True)


def is_claimed(dataset: Any) -> bool:
    """Whether a config of this package reads a data set."""
    return hasattr(dataset, CLAIM)
