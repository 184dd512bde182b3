"""Convert public PyTorch checkpoints for the networks of this package."""
