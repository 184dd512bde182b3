"""``python -m ppdet_hourglass eval``, where PaddleDetection's users look for it."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from ppdet_hourglass.cli import main

if __name__ == "__main__":
    sys.exit(main(["eval", *sys.argv[1:]]))
