"""People of a data set whose images cannot be read.

Such a person is an error.  In training, ``on_bad_image: skip`` puts another person in
their place.  An evaluation would then count other people than it says, so it has no
such choice.
"""

import multiprocessing
from typing import Any, Callable, TypeVar

import numpy as np
from ppdet.utils.logger import setup_logger

from .images import ImageError

logger = setup_logger(__name__)

#: Values of the config key ``on_bad_image``.
ERROR, SKIP = "error", "skip"

#: So many people in a row without a readable image are an error all the same.
MOST_IN_A_ROW = 100

#: Attribute that counts a data set's skipped people, in all worker processes.
COUNT = "_skipped_for_hourglass"

Sample = TypeVar("Sample")


def skip_bad_images(dataset: Any) -> None:
    """Let :func:`read_or_replace` replace people of this data set."""
    setattr(dataset, COUNT, multiprocessing.Value("q"))


def read_or_replace(dataset: Any, index: int, read: Callable[[int], Sample]) -> Sample:
    """Read a person's sample, or another's if :func:`skip_bad_images` allows it.

    Who takes the place depends on ``index`` alone, and draws on no other random
    numbers.

    Args:
        dataset: the data set.
        index: the person.
        read: reads the sample of a person.

    Raises:
        ImageError: the image cannot be read, and no other may or can take its place.
    """
    count = getattr(dataset, COUNT, None)
    if count is None:
        return read(index)
    others = np.random.default_rng(index).integers(len(dataset), size=MOST_IN_A_ROW)
    for other in others.tolist():
        try:
            return read(index)
        except ImageError as error:
            with count:
                count.value += 1
                logger.warning(
                    f"{error}: skipped, {count.value} so far; person {other} takes the "
                    "place (on_bad_image: skip)"
                )
            index = other
    return read(index)
