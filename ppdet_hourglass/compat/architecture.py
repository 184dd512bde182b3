"""Which configs are this package's."""

from typing import Any

#: Architectures of this package, as configs name them.
ARCHITECTURES = ("TopDownHourglass",)


def is_ours(config: Any) -> bool:
    """Whether a config trains one of this package's architectures."""
    return config.get("architecture") in ARCHITECTURES
