"""Every module can be the first that is imported (paddle 2.6.2 is picky)."""

import re
import subprocess
import sys

import pytest

from .conftest import ROOT

FRAMEWORK = re.compile(r"^(import|from) (paddle|ppdet)\b", re.MULTILINE)


def modules():
    for path in sorted((ROOT / "ppdet_hourglass").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        text = path.read_text(encoding="utf-8")
        if FRAMEWORK.search(text):
            yield name.replace(".__init__", "")


@pytest.mark.parametrize("name", modules())
def test_first_import(name):
    code = f"import {name}, sys; sys.exit('paddle' not in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
