"""Keypoint sets, the files that define them, and predicted poses."""
