"""HTML pages: about an evaluation, about training data, and about faults in it."""

#: People whose images the page about an evaluation holds by default.
IMAGES = 400
