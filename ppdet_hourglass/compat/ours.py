"""Telling which configs and data sets belong to this package."""

from typing import Any

from ..errors import UserError

#: The package's architectures, as configs name them.
ARCHITECTURES = ("TopDownHourglass",)

#: Config keys of the data sets.
DATASETS = ("TrainDataset", "EvalDataset", "TestDataset")

#: Attribute that marks the data sets of this package's configs.
CLAIM = "_read_for_hourglass"


def is_ours(config: Any) -> bool:
    """Whether a config uses one of the package's architectures."""
    return config.get("architecture") in ARCHITECTURES


def require_ours(config: Any) -> None:
    """Raise :class:`UserError` unless a config uses one of these architectures."""
    if not is_ours(config):
        raise UserError(
            f"config key 'architecture' must be {ARCHITECTURES[0]}, but is "
            f"{config['architecture']}"
        )


def claim_datasets(config: Any) -> None:
    """Mark a config's data sets if the config is one of this package's."""
    for name in DATASETS:
        if is_ours(config) and hasattr(config.get(name), "get_anno"):
            setattr(config[name], CLAIM, True)


def is_claimed(dataset: Any) -> bool:
    """Whether :func:`claim_datasets` marked a data set."""
    return hasattr(dataset, CLAIM)
