"""What a training keeps, checks and resumes; ``patches/training.py`` installs it."""
