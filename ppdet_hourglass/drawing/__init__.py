"""Poses drawn into images, and many people in one image."""

from .poses import draw_people, draw_pose

__all__ = ["draw_people", "draw_pose"]
