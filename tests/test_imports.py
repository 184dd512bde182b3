"""Every module that needs Paddle can be the first that is imported."""

import re

from .conftest import ROOT
from .running import run

FRAMEWORK = re.compile(r"^(import|from) (paddle|ppdet)\b", re.MULTILINE)

#: Each in a fork of its own, so that the frameworks are imported once.  Paddle 2.6.2
#: crashes in pycocotools unless cv2 came first, which the package sees to.
IMPORT = """
import os, sys
import ppdet_hourglass, paddle, pycocotools.mask, ppdet.engine
for name in sys.argv[1:]:
    if os.fork() == 0:
        __import__(name)
        os._exit(0)
    if os.wait()[1]:
        sys.exit(f"{name} cannot be the first")
"""


def modules():
    for path in sorted((ROOT / "ppdet_hourglass").rglob("*.py")):
        if FRAMEWORK.search(path.read_text(encoding="utf-8")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


def test_first_import():
    run("-c", IMPORT, *modules())
