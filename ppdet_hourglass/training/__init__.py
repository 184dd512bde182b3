"""The parts of a training run, which ``trainer.py`` puts together."""
