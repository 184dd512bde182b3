"""A local page to try a network: drop a picture, see the poses."""
