"""Drawing of poses: ``people`` into pictures, ``grid`` beside the ground truth."""

from .grid import draw_results
from .people import draw_people, draw_pose

__all__ = ["draw_people", "draw_pose", "draw_results"]
