"""Sample people: drawn figures in MPII's layout, for trying the program out."""

from .dataset import write_sample_dataset

__all__ = ["write_sample_dataset"]
