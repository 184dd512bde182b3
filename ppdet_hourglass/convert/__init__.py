"""Public PyTorch checkpoints for the networks of this package.

``checkpoint`` reads the file, one module per repository (``mmpose``,
``pytorch_pose``, ``princeton``) names its keys as ours, ``architecture`` derives the
network's options from the shapes, and ``network`` fills it.
"""
