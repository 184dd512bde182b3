"""Draw poses into images, and many people into one image."""

from .poses import draw_people, draw_pose

__all__ = ["draw_people", "draw_pose"]
