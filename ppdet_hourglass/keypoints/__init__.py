"""A set of keypoints, the file that names it, and a predicted pose."""
