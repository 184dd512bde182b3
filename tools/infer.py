"""Command line of ppdet_hourglass.engine.infer; works from a plain clone too."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from ppdet_hourglass.engine.infer import main

if __name__ == "__main__":
    sys.exit(main())
