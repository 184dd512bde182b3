"""Sources of frames, boxes files, drawn outputs, and the loop that joins them."""
