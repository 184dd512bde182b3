"""Drawing poses into pictures, and a grid of predictions beside the ground truth."""

from .grid import draw_results
from .poses import draw_people, draw_pose

__all__ = ["draw_people", "draw_pose", "draw_results"]
