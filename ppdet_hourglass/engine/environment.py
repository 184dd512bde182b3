"""Process settings that must be in place before Paddle is imported."""

import os
import warnings


def prepare(threads: int) -> None:
    """Set the number of CPU threads, unless the user has, and quieten imports.

    Paddle's dynamic graph trains twice as fast with one OpenMP thread as with
    two, and predicts faster with one per core; a GPU does not mind.

    Args:
        threads: OpenMP threads of this process.
    """
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    warnings.filterwarnings("ignore")
    import cv2  # before paddle: paddle 2.6.2 crashes on pycocotools otherwise

    cv2.setNumThreads(0)
