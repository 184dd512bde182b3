"""Frames in, drawn frames out: sources, boxes, outputs, and the loop over them."""
