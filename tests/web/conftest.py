"""The tiny network of the command lines' tests."""

from ..end_to_end.conftest import weights

__all__ = ["weights"]
