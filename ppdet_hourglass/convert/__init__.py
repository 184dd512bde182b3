"""Converting public PyTorch checkpoints for the networks of this package.

``checkpoint`` reads the file, ``layouts`` renames its keys to ours, ``network`` derives
the network's options from the shapes and builds it with the weights.
"""
