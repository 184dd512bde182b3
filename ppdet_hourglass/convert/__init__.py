"""Converting public PyTorch checkpoints for the networks of this package.

``checkpoint`` reads the file.  One module per repository (``mmpose``, ``pytorch_pose``,
``princeton``) states how to rename its keys to ours.  ``architecture`` derives the
network's options from the shapes, and ``network`` builds it with the weights.
"""
