"""Settings of hypothesis: the same examples each time, and no limit of time."""

from hypothesis import settings

settings.register_profile(
    "repeatable", derandomize=True, database=None, deadline=None, max_examples=60
)
settings.load_profile("repeatable")
