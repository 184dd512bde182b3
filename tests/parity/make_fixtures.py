"""Run the references and store what they give.

    python -m tests.parity.make_fixtures [--output DIR] [--whole] [--only NAME ...]

from the repository's root, in an environment with mmpose 1.3.2 and PyTorch
(``make parity`` builds one).
"""

import argparse
import importlib
import logging
import os
import pkgutil
from pathlib import Path
from typing import List

import numpy as np

from . import references

logger = logging.getLogger("make_fixtures")

FIXTURES = Path(__file__).parent / "fixtures"

#: Arrays named like this are too large to commit.
WHOLE = "whole_"

#: References that need a folder, by the variable that names it.
NEEDS = {
    "newell": "PARITY_REPOSITORIES",
    "newell_targets": "PARITY_REPOSITORIES",
    "crop": "PARITY_MPII",
    "pckh_mpii": "PARITY_MPII",
}


def reference_names() -> List[str]:
    """Names of all references, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(references.__path__))


def make(name: str, output: Path, whole: bool) -> None:
    """Run one reference and write ``<name>.npz``."""
    needed = NEEDS.get(name)
    if needed and not os.environ.get(needed):
        logger.warning("%s: skipped, since %s names no folder", name, needed)
        return
    module = importlib.import_module(f"{references.__name__}.{name}")
    arrays = {
        key: array for key, array in module.make().items() if whole or WHOLE not in key
    }
    path = output / f"{name}.npz"
    np.savez_compressed(str(path), **arrays)
    size = path.stat().st_size / 1024
    logger.info("%s: %d arrays, %.0f KB", path, len(arrays), size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=FIXTURES)
    parser.add_argument(
        "--whole", action="store_true", help="keep what is too large to commit"
    )
    parser.add_argument(
        "--only", nargs="+", choices=reference_names(), default=reference_names()
    )
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name in arguments.only:
        make(name, arguments.output, arguments.whole)


if __name__ == "__main__":
    main()
