"""HTML pages: about an evaluation, about training data, and about faults in it."""

#: Number of people with an image on the page about an evaluation, by default.
IMAGES = 400
