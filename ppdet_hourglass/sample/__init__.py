"""Sample people: drawn figures in MPII's layout, to try the program on."""

from .dataset import write_sample_dataset

__all__ = ["write_sample_dataset"]
