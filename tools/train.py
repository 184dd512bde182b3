"""``python -m ppdet_hourglass train``, where PaddleDetection's users look for it."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from ppdet_hourglass.cli import main

if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]]))
