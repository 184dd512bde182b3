"""A local page to try a network: drop an image, see the poses."""
